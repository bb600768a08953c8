import { deepEqual } from "node:assert/strict";
import { stepsToRetry } from "../../src/records/retry-plan.ts";
import type { RunRecord, StepRecord, StepState } from "../../src/records/run-record.ts";
import type { StepIdentity } from "../../src/runs/steps/step-origin.ts";
import { select, start, stop, upload, worker } from "../runs/fake-flow.ts";

const ec2 = { instanceIds: ["i-1"] };

/** A run of consecutive steps. The first one is `r/1`. */
function run(...steps: ReadonlyArray<readonly [StepIdentity, StepState, Partial<StepRecord>?]>): RunRecord {
  return {
    runId: "r",
    startedAt: 0,
    state: "failed",
    steps: steps.map(([{ nodeId, type, role, name }, state, more], index) => ({
      ...{ stepId: `r/${index + 1}`, nodeId, type, role, name, startedAt: index, endedAt: index + 0.5, state },
      ...more,
    })),
  };
}

describe("the steps that a retry starts", () => {
  it("include the failed step, and not the steps after it", () => {
    deepEqual(stepsToRetry(run([upload, "completed"], [select, "failed", { parentStepId: "r/1" }])), ["r/2"]);
    deepEqual(stepsToRetry(run([upload, "failed"], [stop, "completed", { parentStepId: "r/1" }])), ["r/1"]);
  });

  it("include the steps that were aborted because of it", () => {
    deepEqual(stepsToRetry(run([upload, "failed"], [select, "aborted"])), ["r/1", "r/2"]);
  });

  it("exclude aborted steps after it, because the failed step leads to them", () => {
    deepEqual(stepsToRetry(run([upload, "failed"], [start, "aborted", { parentStepId: "r/1" }])), ["r/1"]);
  });

  it("include the start of an instance that was stopped since, which leads to the failed step, and the aborted lightly run", () => {
    const failed = run(
      [start, "completed", { result: { ec2 } }],
      [select, "aborted"],
      [worker, "failed", { parentStepId: "r/1" }],
      [stop, "completed", { parentStepId: "r/3", result: { ec2 } }],
    );
    deepEqual(stepsToRetry(failed), ["r/1", "r/2"]);
  });

  it("exclude the start while the instance is running", () => {
    const failed = run([start, "completed", { result: { ec2 } }], [worker, "failed", { parentStepId: "r/1" }]);
    deepEqual(stepsToRetry(failed), ["r/2"]);
  });

  it("include the start if only one of its instances is stopped", () => {
    const both = { instanceIds: ["i-1", "i-2"] };
    const failed = run(
      [start, "completed", { result: { ec2: both } }],
      [worker, "failed", { parentStepId: "r/1" }],
      [stop, "completed", { parentStepId: "r/2", result: { ec2: { instanceIds: ["i-2"] } } }],
    );
    deepEqual(stepsToRetry(failed), ["r/1"]);
  });

  it("include everything that depends on a Lightly run that has failed with a result", () => {
    const crashed = run(
      [start, "completed", { result: { ec2 } }],
      [worker, "completed", { parentStepId: "r/1" }],
      [select, "failed", { result: { lightly: { state: "CRASHED" } } }],
      [stop, "completed", { parentStepId: "r/3", result: { ec2 } }],
    );
    deepEqual(stepsToRetry(crashed), ["r/1", "r/3"]);
  });

  it("include only a failed stop if the instance is still running", () => {
    const failed = run(
      [start, "completed", { result: { ec2 } }],
      [select, "completed", { parentStepId: "r/1", result: { lightly: { endState: "COMPLETED" } } }],
      [stop, "failed", { parentStepId: "r/2", checkpoint: ec2 }],
    );
    deepEqual(stepsToRetry(failed), ["r/3"]);
  });

  it("exclude steps that a retry has already replaced", () => {
    const again = run(
      [upload, "failed", { replacedBy: "r/3" }],
      [select, "aborted", { replacedBy: "r/4" }],
      [upload, "completed"],
      [select, "failed"],
    );
    deepEqual(stepsToRetry(again), ["r/4"]);
  });

  it("are none for a completed run", () => {
    deepEqual(stepsToRetry(run([upload, "completed"], [select, "completed"])), []);
    deepEqual(stepsToRetry(run([select, "completed", { result: { lightly: { endState: "COMPLETED" } } }])), []);
    deepEqual(stepsToRetry(run([upload, "running"], [select, "interrupted"])), []);
  });
});
