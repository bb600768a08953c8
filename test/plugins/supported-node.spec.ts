import { equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { nodeTooOld } from "../../src/plugins/supported-node.ts";

describe("a Node.js that is too old", () => {
  it("is reported with its version and the required one", () => {
    const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as { engines: { node: string } };
    const [, required = ""] = /^>=([\d.]+)$/.exec(engines.node) ?? [];
    match(nodeTooOld("20.20.2") ?? "", new RegExp(`needs Node\\.js ${required} or newer, and this is 20\\.20\\.2\\.`));
    match(nodeTooOld("22.8.9") ?? "", /Update Node\.js/);
  });

  for (const version of ["22.9.0", "22.18.0", "24.0.0", process.versions.node]) {
    it(`is not ${version}`, () => equal(nodeTooOld(version), undefined));
  }
});
