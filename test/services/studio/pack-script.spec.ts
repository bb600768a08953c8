import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { inflateSync } from "node:zlib";
import { packScript } from "../../../src/services/studio/pack-script.ts";
import { studioCommand } from "../../../src/services/studio/studio-command.ts";
import { REQUEST, SCRIPT_FOLDER } from "./request.ts";

async function unpack(): Promise<Record<string, string>> {
  const packed = Buffer.from(await packScript(SCRIPT_FOLDER), "base64");
  return JSON.parse(inflateSync(packed).toString("utf8")) as Record<string, string>;
}

describe("the packed script", () => {
  it("contains each module by its name in Python", async () => {
    const names = (await readdir(SCRIPT_FOLDER)).filter((name) => name.endsWith(".py"));
    const modules = names.map((name) => `select_frames.${name.slice(0, -3)}`.replace(".__init__", ""));
    assert.deepEqual(Object.keys(await unpack()).sort(), modules.sort());
  });

  it("has no comments and docstrings left, which are one line each, and all of the code", async () => {
    for (const [name, source] of Object.entries(await unpack())) {
      assert.doesNotMatch(source, /"""/, `${name}: a docstring of several lines would stay in the command`);
      assert.doesNotMatch(source, /^\s*#/m, name);
    }
    const sources = await unpack();
    assert.match(sources["select_frames.failure"] ?? "", /^class Failure\(Exception\):\n def __init__/m);
    assert.match(sources["select_frames.failure"] ?? "", /^ {2}super\(\).__init__\(message\)$/m);
  });

  it("leaves each block a line: one that has nothing but a docstring would be empty", async () => {
    const depth = (line: string): number => line.length - line.trimStart().length;
    for (const [name, source] of Object.entries(await unpack())) {
      const lines = source.trimEnd().split("\n");
      const empty = lines.filter(
        (line, index) => /^ *(?:class|def) .*:$/.test(line) && depth(lines[index + 1] ?? "") <= depth(line),
      );
      assert.deepEqual(empty, [], name);
    }
  });

  it("leaves 26,000 of the 60,000 characters of a command to the inputs, and is the same each time", async () => {
    const script = await packScript(SCRIPT_FOLDER);
    assert.equal(await packScript(SCRIPT_FOLDER), script);
    const lines = studioCommand({
      request: REQUEST,
      script,
      python: "/opt/lightly-studio/bin/python",
      install: "cuda",
    });
    assert.ok(lines.join("\n").length <= 60_000 - 26_000, `${lines.join("\n").length} characters`);
  });
});
