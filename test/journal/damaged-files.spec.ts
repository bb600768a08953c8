import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileNameOf } from "../../src/journal/read-journal.ts";
import { RunJournal } from "../../src/journal/run-journal.ts";
import { readRunLines } from "../../src/journal/run-lines.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { sourceOf } from "./run-source.ts";

const STEP = {
  stepId: "r/1",
  nodeId: "n1",
  type: "lightly-ec2-start",
  role: "start",
  name: "start",
  startedAt: 1000,
  state: "completed",
  endedAt: 2000,
  alwaysRuns: false,
  checkpoint: { instanceIds: ["i-1"] },
  result: { ec2: { instanceIds: ["i-1"] } },
};
const RUN = { version: 1, runId: "r", startedAt: 1000, steps: [STEP] };
const TEXT = JSON.stringify(RUN);

function nested(levels: number): unknown {
  return levels === 0 ? [] : [nested(levels - 1)];
}

describe("a file of the journal", () => {
  it("is a run if it is complete", () => {
    deepEqual(readRunLines(TEXT), { run: RUN });
  });

  it("is a run with all members that a step may have", () => {
    const outbox = [
      { outlet: 0, at: 1, to: ["n2", "*"], message: {}, omitted: [{ path: ["a.b", "3"], why: "too large" }] },
      { outlet: "error", at: 1, to: [] },
    ];
    const omitted = [
      { path: ["token"], why: "secret" },
      { path: [], why: "and more" },
      { path: ["constructor"], why: "function", inexact: true },
    ];
    const step = {
      ...STEP,
      parentStepId: "r/0",
      attempt: 2,
      resumeCount: 1,
      replacedBy: "r/2",
      message: {},
      omitted,
      outbox,
    };
    const trigger = { kind: "rerun", runId: "q" };
    const run = { ...RUN, trigger, abortReason: "because.", failedStepId: "r/1", events: [], steps: [step] };
    deepEqual(readRunLines(JSON.stringify(run)), { run });
  });

  it("is damaged if it was truncated at any byte", () => {
    for (let length = 0; length < TEXT.length; length += 1) {
      ok("damage" in readRunLines(TEXT.slice(0, length)), `torn at ${length}`);
    }
  });

  it("may have members that this version does not know", () => {
    ok("run" in readRunLines(JSON.stringify({ ...RUN, later: 1, steps: [{ ...STEP, later: 2 }] })));
  });

  it("is left to a later version of this package that has written it", () => {
    deepEqual(readRunLines('{"version":3,"anything":true}'), { newer: 3 });
  });

  const WRONG: ReadonlyArray<readonly [string, unknown]> = [
    ["null", null],
    ["a list", [RUN]],
    ["another program's", { name: "package" }],
    ["of no version", { ...RUN, version: undefined }],
    ["of version 0", { ...RUN, version: 0 }],
    ["without an id", { ...RUN, runId: "" }],
    ["without a time", { ...RUN, startedAt: "yesterday" }],
    ["without steps", { ...RUN, steps: [] }],
    ["with steps of the same id", { ...RUN, steps: [STEP, STEP] }],
    ["with a step in an unknown state", { ...RUN, steps: [{ ...STEP, state: "flying" }] }],
    ["with a step that is none", { ...RUN, steps: [null] }],
    ["with a result that is none", { ...RUN, steps: [{ ...STEP, result: 5 }] }],
    ["with a trigger that is no node", { ...RUN, trigger: { kind: "node", nodeId: "n" } }],
    ["with an abort without a reason", { ...RUN, abortReason: "" }],
    ["with a failed step that is none", { ...RUN, failedStepId: 1 }],
    ["with events that are not an array", { ...RUN, events: {} }],
    ["with a pending message for an unknown node", { ...RUN, steps: [{ ...STEP, outbox: [{ outlet: 0, at: 1 }] }] }],
    ["with a message from no outlet", { ...RUN, steps: [{ ...STEP, outbox: [{ outlet: "x", at: 1, to: [] }] }] }],
    ["with a sender that is none", { ...RUN, steps: [{ ...STEP, parentStepId: 1 }] }],
    ["with left-out parts that are no list", { ...RUN, steps: [{ ...STEP, omitted: { path: [], why: "x" } }] }],
    [
      "with a left-out part whose path is a text",
      { ...RUN, steps: [{ ...STEP, omitted: [{ path: "a.b", why: "x" }] }] },
    ],
    ["with a path of numbers", { ...RUN, steps: [{ ...STEP, omitted: [{ path: [1], why: "x" }] }] }],
    ["with an endless path", { ...RUN, steps: [{ ...STEP, omitted: [{ path: Array(100).fill("a"), why: "x" }] }] }],
    ["with a left-out part without a reason", { ...RUN, steps: [{ ...STEP, omitted: [{ path: ["a"] }] }] }],
    [
      "with left-out parts of a message on its way that are none",
      { ...RUN, steps: [{ ...STEP, outbox: [{ outlet: 0, at: 1, to: [], omitted: [null] }] }] },
    ],
    [
      "with a reserved name anywhere",
      { ...RUN, steps: [{ ...STEP, message: JSON.parse('{"a":[{"__proto__":{}}]}') }] },
    ],
    ["nested beyond all messages", { ...RUN, later: nested(200) }],
    ["with an error that is none", { ...RUN, steps: [{ ...STEP, error: { message: 1 } }] }],
  ];
  for (const [what, content] of WRONG) {
    it(`is damaged if it is ${what}`, () => {
      ok("damage" in readRunLines(JSON.stringify(content)));
    });
  }
});

describe("a folder with files that are not runs", () => {
  const folder = useTemporaryFolder();
  const warnings: string[] = [];
  const load = (): string[] => {
    warnings.length = 0;
    const journal = new RunJournal({ folder: folder.path, warn: (text) => warnings.push(text) });
    return journal.load().map(({ runId }) => runId);
  };
  const put = (name: string, text: string): Promise<void> => writeFile(join(folder.path, name), text);
  const names = async (): Promise<string[]> => (await readdir(folder.path)).sort();

  it("is read: the damaged files are renamed with one warning, and not read again", async () => {
    await put(fileNameOf("r"), TEXT);
    await put("torn.json", TEXT.slice(0, 50));
    await put("empty.json", "");
    await put("zeros.json", "\0".repeat(4096));
    await put("notes.txt", "mine");
    deepEqual(load(), ["r"]);
    equal(warnings.length, 1);
    match(warnings[0] ?? "", /3 of the files.*renamed to \*\.damaged.*torn\.json/);
    deepEqual(
      await names(),
      [fileNameOf("r"), "empty.json.damaged", "notes.txt", "torn.json.damaged", "zeros.json.damaged"].sort(),
    );
    equal(await readFile(join(folder.path, "torn.json.damaged"), "utf8"), TEXT.slice(0, 50));
    deepEqual(load(), ["r"]);
    deepEqual(warnings, []);
  });

  it("never loses a file that was renamed before", async () => {
    for (const text of ["first", "second", "third"]) {
      await put("a.json", text);
      load();
    }
    const texts = await Promise.all((await names()).map((name) => readFile(join(folder.path, name), "utf8")));
    deepEqual(texts.sort(), ["first", "second", "third"]);
  });

  it("does not treat the copy of a file as a second run", async () => {
    await put(fileNameOf("r"), TEXT);
    await put("Copy of r.json", TEXT);
    deepEqual(load(), ["r"]);
    ok((await names()).includes("Copy of r.json.damaged"));
  });

  it("does not change a file of a later version, even if there is a run with this id", async () => {
    const later = JSON.stringify({ ...RUN, version: 3 });
    await put(fileNameOf("r"), later);
    const journal = new RunJournal({ folder: folder.path, warn: (text) => warnings.push(text) });
    warnings.length = 0;
    deepEqual(journal.load(), []);
    match(warnings.join(), /version 3/);
    journal.add(
      "r",
      sourceOf(() => ({ version: 2, runId: "r", startedAt: 1, steps: [] })),
    );
    await journal.saveNow("r");
    equal(await readFile(join(folder.path, fileNameOf("r")), "utf8"), later);
  });

  it("survives a folder that has the name of a run", async () => {
    await mkdir(join(folder.path, "x.json"));
    deepEqual(load(), []);
    match(warnings.join(), /EISDIR/);
    deepEqual(await names(), ["x.json"]);
  });

  it("removes old incomplete files of killed processes", async () => {
    const old = `${fileNameOf("r")}.tmp-1234567890abcdef`;
    await put(old, "{");
    await put(`${fileNameOf("s")}.tmp-1234567890abcdef`, "{");
    await utimes(join(folder.path, old), 1, 1);
    deepEqual(load(), []);
    deepEqual(warnings, []);
    deepEqual(await names(), [`${fileNameOf("s")}.tmp-1234567890abcdef`]);
  });
});
