import { deepEqual, equal } from "node:assert/strict";
import { runEndedOtherwise, toldRun } from "../../../src/runs/records/ended-otherwise.ts";
import { stepsToRetry } from "../../../src/runs/records/retry-plan.ts";
import type { RunRecord, RunState, StepRecord } from "../../../src/runs/records/run-record.ts";
import { summarize } from "../../../src/runs/records/run-summary.ts";

const completed = (stepId: string, result: StepRecord["result"], more: Partial<StepRecord> = {}): StepRecord => ({
  ...{ stepId, nodeId: "n", type: "lightly-run", name: "select", startedAt: 0, endedAt: 1, state: "completed" },
  ...(result && { result }),
  ...more,
});
const selection = (end: string, stepId = "s1", more: Partial<StepRecord> = {}): StepRecord =>
  completed(stepId, { lightly: { state: end, end } }, more);
const run = (steps: readonly StepRecord[], state: RunState = "completed"): RunRecord => ({
  ...{ runId: "r", startedAt: 0, state, steps },
});

describe("how a completed run's Lightly run ended", () => {
  for (const end of ["FAILED", "CRASHED", "ABORTED", "CANCELED"]) {
    it(`is told in its summary when it was ${end}, and it can be retried`, () => {
      const record = run([selection(end)]);
      equal(summarize(record).endedOtherwise, end);
      equal(summarize(record).state, "completed");
      deepEqual(stepsToRetry(record), ["s1"]);
    });
  }

  it("stands in what others are told of the run, and only there", () => {
    const record = run([selection("CRASHED")]);
    deepEqual(toldRun(record), { ...record, endedOtherwise: "CRASHED" });
    equal("endedOtherwise" in record, false);
    deepEqual(toldRun(run([selection("COMPLETED")])), run([selection("COMPLETED")]));
  });

  it("is not told when it gave a selection", () => {
    equal("endedOtherwise" in summarize(run([selection("COMPLETED")])), false);
  });

  it("is nothing in a run without a Lightly run", () => {
    equal(runEndedOtherwise(run([])), undefined);
    equal(runEndedOtherwise(run([completed("s1", undefined), completed("s2", { s3: { end: "CRASHED" } })])), undefined);
    equal(runEndedOtherwise(run([completed("s1", { lightly: null }), completed("s2", { lightly: {} })])), undefined);
  });

  it("counts no longer once the step was retried", () => {
    const redone = selection("CRASHED", "s1", { redoneBy: "s2" });
    equal(runEndedOtherwise(run([redone, selection("COMPLETED", "s2")])), undefined);
    equal(runEndedOtherwise(run([redone, selection("FAILED", "s2")])), "FAILED");
  });

  it("counts no longer once the step that led to it was retried", () => {
    const upload = completed("s1", { s3: {} }, { redoneBy: "s3" });
    const steps = [upload, selection("CRASHED", "s2", { from: "s1" }), completed("s3", { s3: {} })];
    equal(runEndedOtherwise(run(steps)), undefined);
  });

  it("is told when only one of several did", () => {
    equal(runEndedOtherwise(run([selection("CRASHED"), selection("COMPLETED", "s2")])), "CRASHED");
  });

  for (const state of ["running", "failed", "aborted", "interrupted"] as const) {
    it(`is not told of a run that is ${state}, which says more`, () => {
      equal(runEndedOtherwise(run([selection("CRASHED")], state)), undefined);
    });
  }

  it("is not told of the step that was aborted while it waited", () => {
    equal(runEndedOtherwise(run([selection("CANCELED", "s1", { state: "aborted" })])), undefined);
  });

  it("is not asked of a script: one that was stopped with its instance, after the selection, is no bad end", () => {
    const stopped = completed(
      "s1",
      { ssm: { status: "Cancelled", exitCode: 137 } },
      { type: "lightly-ssm-run-script" },
    );
    const record = run([stopped, selection("COMPLETED", "s2")]);
    equal(runEndedOtherwise(record), undefined);
    deepEqual(stepsToRetry(record), []);
  });
});
