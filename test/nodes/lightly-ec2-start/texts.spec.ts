import { deepEqual, ok } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";

interface Texts {
  readonly label: { readonly desired: string };
  readonly hint: { readonly tags: string; readonly beforeUploadEnds: string };
}

const TYPE = "lightly-ec2-start";
const CATALOGS = globSync(`src/nodes/${TYPE}/locales/*/${TYPE}.json`).sort();

/** The names in the palette of the nodes that send a message for each video of a run. */
function sources(): string[] {
  return globSync("src/nodes/lightly-*/*.ts")
    .filter((path) => readFileSync(path, "utf8").includes("await sendAll"))
    .map((path) => basename(dirname(path)).replace("lightly-", "").replace("-", " "))
    .sort();
}

describe("the hints of lightly-ec2-start", () => {
  for (const path of CATALOGS) {
    const { label, hint } = (JSON.parse(readFileSync(path, "utf8")) as Record<string, Texts>)[TYPE] as Texts;
    const language = basename(dirname(path));

    it(`say in ${language} that the desired number limits the instances with the tags`, () => {
      ok(hint.tags.toLowerCase().includes(label.desired.toLowerCase()), hint.tags);
    });

    it(`name in ${language} each node that sends several messages, which must not be wired to it`, () => {
      deepEqual(sources(), ["pexels download", "video source"]);
      deepEqual(
        sources().filter((name) => !hint.beforeUploadEnds.includes(`<b>${name}</b>`)),
        [],
      );
    });
  }
});
