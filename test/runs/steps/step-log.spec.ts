import { deepEqual, equal, ok } from "node:assert/strict";
import type { LogEntry } from "../../../src/records/run-record.ts";
import { RunRegistry } from "../../../src/runs/run-registry.ts";
import { describeChange, withLines } from "../../../src/runs/steps/recorded-step.ts";
import { openFlow, resumeAll, upload } from "../fake-flow.ts";
import { useRestarts } from "../restarts.ts";

const textsOf = (log: readonly LogEntry[] = []): string[] => log.map(({ text }) => text);

describe("the log of a step", () => {
  const node = useRestarts();

  it("has each line with its time and without trailing space, and no empty lines", () => {
    const log = withLines([{ at: 1, text: "first" }], ["  second \n", "", " ", "third"], 2);
    deepEqual(log, [
      { at: 1, text: "first" },
      { at: 2, text: "  second" },
      { at: 2, text: "third" },
    ]);
  });

  it("has no secrets", () => {
    deepEqual(textsOf(withLines([], ["curl --token abcdef", "TOKEN=abc123def"], 1)), ["curl --token ***", "TOKEN=***"]);
  });

  it("shows output as a terminal does: no colors, and the latest state of a progress bar", () => {
    const lines = [
      "\u001b[31mred\u001b[0m",
      ` 0%|   |\r 50%|#  |\r100%|## |\r\n`,
      "bell\u0007 and\u0000 nul",
      "\u202egnp.exe\u202c",
      "a\tb",
      "\u001b[2K",
      "family 👩‍👧",
    ];
    const shown = ["red", "100%|## |", "bell and nul", "gnp.exe", "a\tb", "family 👩‍👧"];
    deepEqual(textsOf(withLines([], lines, 1)), shown);
  });

  it("finds secrets that colors have interrupted", () => {
    deepEqual(textsOf(withLines([], ["TOK\u001b[1mEN=abc\u001b[0m123def"], 1)), ["TOKEN=***"]);
  });

  it("keeps the newest lines, with a limited length", () => {
    const lines = Array.from({ length: 500 }, (_, index) => String(index));
    const log = withLines(withLines([], lines, 1), ["x".repeat(10_000)], 2);
    equal(log.length, 200);
    equal(log[0]?.text, "301");
    ok((log.at(-1)?.text.length ?? 0) <= 2000);
  });

  it("has the changes of the progress", () => {
    deepEqual(describeChange({ state: "pending" }, undefined), ["pending"]);
    deepEqual(describeChange({ state: "pending", message: "no capacity" }, { state: "pending" }), [
      "pending: no capacity",
    ]);
    deepEqual(describeChange({ state: "SAVING_RESULTS", message: "2/24" }, undefined), ["saving results: 2/24"]);
    deepEqual(describeChange({ state: "InProgress" }, undefined), ["in progress"]);
    deepEqual(describeChange({ state: "pending", loadedBytes: 6 }, { state: "pending", loadedBytes: 5 }), []);
  });

  it("has the progress, the retries and the lines of the step, in order", () => {
    const runs = new RunRegistry();
    const step = runs.begin("r", upload);
    step.progress({ state: "uploading", loadedBytes: 1 });
    step.progress({ state: "uploading", loadedBytes: 2 });
    step.retrying(2, "the network is down");
    step.log(["one", "two"]);
    step.log([]);
    deepEqual(textsOf(runs.get("r")?.steps[0]?.log), ["uploading", "retrying: the network is down", "one", "two"]);
  });

  it("continues after a restart", async () => {
    const before = node.restart();
    before.begin("r", upload).log(["before"]);
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    resumeAll(after);
    flow.upload.resumed[0]?.log(["after"]);
    deepEqual(textsOf(after.get("r")?.steps[0]?.log), ["before", "after"]);
    await after.flush();
  });
});
