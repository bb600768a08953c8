import { deepEqual, equal, ok } from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { openFlow, resumeAll, select, upload } from "./fake-flow.ts";
import { useRestarts } from "./restarts.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

describe("the retention of runs", () => {
  const node = useRestarts();

  it("removes the oldest finished runs, and never an active one", () => {
    const runs = new RunRegistry({ maxRuns: 2 });
    runs.begin("running", upload);
    runs.begin("a", upload).complete({});
    runs.begin("b", upload).complete({});
    runs.begin("c", upload).complete({});
    ok(runs.get("running"));
    equal(runs.get("a"), undefined);
    equal(runs.get("b"), undefined);
    ok(runs.get("c"));
  });

  it("never removes an interrupted run or a run with a pending message", () => {
    const runs = new RunRegistry({ maxRuns: 1, later: () => {} });
    const step = runs.begin("on its way", upload);
    step.recordSend(0, {}, ["n4"]);
    step.complete({});
    runs.begin("a", upload).complete({});
    runs.begin("b", upload);
    ok(runs.get("on its way"));
    equal(runs.get("a"), undefined);
  });

  it("applies to the disk too", async () => {
    const before = node.restart({ maxRuns: 3 });
    before.begin("interrupted", select);
    for (const id of ["a", "b", "c", "d"]) {
      node.time.advance(1);
      before.begin(id, upload).complete({});
    }
    await before.flush();
    equal((await readdir(node.path)).length, 3);
    const after = node.restart({ maxRuns: 2 });
    await after.flush();
    deepEqual(
      after.list().map(({ runId }) => runId),
      ["interrupted", "d"],
    );
    equal((await readdir(node.path)).length, 2);
  });

  it("ends thirty days after the last change, but not while a step is running", async () => {
    const before = node.restart();
    before.begin("over", upload).complete({});
    before.begin("interrupted", select);
    await before.flush();
    node.time.advance(29 * DAY_MS);
    const working = node.restart();
    equal(working.list().length, 2);
    openFlow(working);
    resumeAll(working);
    node.time.advance(2 * DAY_MS);
    working.begin("new", upload).complete({});
    deepEqual(
      working.list().map(({ runId }) => runId),
      ["interrupted", "new"],
    );
    await working.flush();
    equal((await readdir(node.path)).length, 2);
  });
});
