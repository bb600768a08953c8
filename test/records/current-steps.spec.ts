import { deepEqual } from "node:assert/strict";
import { currentSteps, type RunRecord, type StepRecord } from "../../src/records/run-record.ts";
import { summarize } from "../../src/records/run-summary.ts";

const step = (stepId: string, name: string, more: Partial<StepRecord> = {}): StepRecord => ({
  ...({
    stepId,
    nodeId: name,
    type: name,
    role: "upload",
    name,
    startedAt: 0,
    endedAt: 1,
    state: "completed",
  } as const),
  ...more,
});
/** The worker had failed, and its instance was stopped, so the retry has started with the start step. */
const retried: RunRecord = {
  runId: "r",
  startedAt: 0,
  state: "completed",
  steps: [
    step("1", "upload"),
    step("2", "start", { parentStepId: "1", replacedBy: "5" }),
    step("3", "worker", { parentStepId: "2", state: "failed" }),
    step("4", "stop", { parentStepId: "3" }),
    step("5", "start", { parentStepId: "1" }),
    step("6", "worker", { parentStepId: "5" }),
    step("7", "stop", { parentStepId: "6" }),
  ],
};

describe("the steps of a retried run", () => {
  it("exclude those that the retry has replaced, and the steps that followed them", () => {
    deepEqual(
      currentSteps(retried.steps).map(({ stepId }) => stepId),
      ["1", "5", "6", "7"],
    );
  });

  it("have all ended when the run is completed", () => {
    const { completedSteps, totalSteps } = summarize(retried);
    deepEqual([completedSteps, totalSteps], [4, 4]);
  });

  it("count as completed if they were skipped, but not if they were aborted", () => {
    const steps = [step("1", "upload"), step("2", "start", { state: "skipped" }), step("3", "x", { state: "aborted" })];
    const { completedSteps } = summarize({ ...retried, steps });
    deepEqual(completedSteps, 2);
  });

  it("are all steps if nothing was retried", () => {
    const steps = [
      step("1", "upload"),
      step("2", "start", { parentStepId: "1" }),
      step("3", "select", { parentStepId: "unknown" }),
    ];
    deepEqual(currentSteps(steps), steps);
  });
});
