import { deepEqual, equal, ok } from "node:assert/strict";
import type { JournalChange, JournalRun, JournalStep } from "../../src/journal/journal-run.ts";
import { RunLines, readRunLines } from "../../src/journal/run-lines.ts";
import type { RunEvent } from "../../src/runs/run-events.ts";

const MESSAGE = { _msgid: "r", payload: "a message" };
const ITEMS = [{ path: "/videos/1.mp4" }, { path: "/videos/2.mp4" }];
const STARTED: RunEvent = { kind: "instances-started", instanceIds: ["i-1"] };
const STOPPED: RunEvent = { kind: "instances-stopped", instanceIds: ["i-1"] };

function step(number: number, more: Partial<JournalStep> = {}): JournalStep {
  const identity = { stepId: `r/${number}`, nodeId: `n${number}`, type: "t", role: "upload", name: "upload" } as const;
  return {
    ...identity,
    startedAt: number,
    alwaysRuns: false,
    state: "running",
    message: MESSAGE,
    omitted: [],
    ...more,
  };
}

function runOf(...steps: readonly JournalStep[]): JournalRun {
  return { version: 2, runId: "r", startedAt: 1, events: [STARTED], steps };
}

/** The file of a run after changes. */
function fileOf(run: JournalRun, ...changes: readonly JournalChange[]): { text: string; lines: readonly string[] } {
  const lines = new RunLines("an id");
  const all = [lines.whole(run), ...changes.map((change) => lines.change(change))];
  return { text: all.join(""), lines: all };
}

function read(text: string): JournalRun {
  const content = readRunLines(text);
  ok("run" in content, JSON.stringify(content));
  return JSON.parse(JSON.stringify(content.run)) as JournalRun;
}

describe("the lines of a run's file", () => {
  it("are the run with all its changes, with the steps in the order in which they started", () => {
    const { text } = fileOf(
      runOf(step(1)),
      { steps: [step(2)] },
      { steps: [step(1, { state: "completed", endedAt: 9 })], abortReason: "because." },
      { steps: [], endedAt: 10, failedStepId: "r/1" },
    );
    const run = read(text);
    deepEqual(run.steps, [step(1, { state: "completed", endedAt: 9 }), step(2)]);
    deepEqual([run.endedAt, run.failedStepId, run.abortReason], [10, "r/1", undefined]);
  });

  it("have the message of a step, and the items of a sequence, once", () => {
    const { text, lines } = fileOf(
      runOf(step(1, { items: ITEMS })),
      { steps: [step(1, { items: ITEMS, progress: { loadedBytes: 7 } })] },
      { steps: [step(1, { state: "completed" })] },
    );
    equal(text.split("a message").length - 1, 1);
    equal(text.split("/videos/2.mp4").length - 1, 1);
    deepEqual(read(text).steps, [step(1, { state: "completed" })]);
    deepEqual(read(lines.slice(0, 2).join("")).steps, [step(1, { items: ITEMS, progress: { loadedBytes: 7 } })]);
  });

  it("have the message of a step that retries another one, too", () => {
    const { text } = fileOf(runOf(step(1)), { steps: [step(1, { replacedBy: "r/2" }), step(2)] }, { steps: [step(2)] });
    deepEqual(read(text).steps, [step(1, { replacedBy: "r/2" }), step(2)]);
  });

  it("have each event once, and those of the current pass after a new one has started", () => {
    const { text, lines } = fileOf(
      runOf(step(1)),
      { steps: [], events: { kept: 1, added: [STOPPED] } },
      { steps: [], events: { kept: 0, added: [STOPPED] } },
    );
    deepEqual(read(lines.slice(0, 2).join("")).events, [STARTED, STOPPED]);
    deepEqual(read(text).events, [STOPPED]);
  });

  it("are the state before the last line if a killed process has left a part of that", () => {
    const { lines } = fileOf(runOf(step(1)), { steps: [step(2)] }, { steps: [step(3)] });
    const [whole = "", second = "", third = ""] = lines;
    for (let length = 0; length < third.length - 1; length += 1) {
      deepEqual(read(whole + second + third.slice(0, length)).steps, [step(1), step(2)], `${length} bytes of it`);
    }
    deepEqual(read(`${whole}${second}${"\0".repeat(100)}`).steps, [step(1), step(2)]);
  });

  it("ignore the change of a process that has written the file before", () => {
    const stale = new RunLines("another id");
    stale.whole(runOf(step(1)));
    const { lines } = fileOf(runOf(step(1)), { steps: [step(2)] });
    const text = [lines[0], stale.change({ steps: [step(7)] }), lines[1]].join("");
    deepEqual(read(text).steps, [step(1), step(2)]);
  });

  it("are damaged if another line is not a change", () => {
    const { lines } = fileOf(runOf(step(1)), { steps: [step(2)] });
    const [whole = "", change = ""] = lines;
    for (const line of [
      "torn",
      "[]",
      '{"of":1,"steps":[]}',
      '{"of":"an id"}',
      '{"of":"an id","steps":[{}]}',
      '{"of":"an id","steps":[{"stepId":"r/1","unchanged":["__proto__"]}]}',
      '{"of":"an id","steps":[],"events":{"kept":"1","added":[]}}',
      '{"of":"an id","steps":[{"stepId":"r/1"}]}',
    ]) {
      ok("damage" in readRunLines(`${whole}${line}\n${change.replace("r/2", "r/3")}`), line);
    }
  });

  it("are left to a later version of this package that has written the first one", () => {
    deepEqual(readRunLines('{"version":3}\nanything\nelse\n'), { newer: 3 });
  });
});
