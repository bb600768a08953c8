import { deepEqual, ok } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";

describe("npm test", () => {
  // The order matters: the specs of uploads free much memory, which is slow when their process has loaded many other specs before.
  it("runs each spec once", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
    const patterns = [...(scripts["test:all"] as string).matchAll(/"([^"]+)"/g)].map(([, pattern = ""]) => pattern);
    const run = patterns.flatMap((pattern) => globSync(pattern));
    const all = globSync("{test,sandbox/test}/**/*.spec.ts");
    ok(all.length > 300);
    deepEqual(run.sort(), all.sort());
  });
});
