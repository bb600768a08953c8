import { deepEqual } from "node:assert/strict";
import { abortedError } from "../../src/errors/pipeline-error.ts";
import { type StepRecord, type StepState, skipReason } from "../../src/records/run-record.ts";

const ended = (state: StepState, message: string): StepRecord => ({
  ...{
    stepId: "r/0",
    nodeId: "n",
    type: "lightly-ec2-start",
    role: "start",
    name: "start",
    startedAt: 0,
    endedAt: 1,
    state,
  },
  error: { code: "ABORTED", message, details: {} },
});

describe("the reason of a skipped step", () => {
  it("is a sentence, without the prefix of an abort", () => {
    const { message } = abortedError("the selection of the same run is over.");
    deepEqual(skipReason(ended("skipped", message)), "The selection of the same run is over.");
  });

  it("is empty if a damaged record has none", () => {
    const { error: _error, ...record } = ended("skipped", "");
    deepEqual(skipReason(record), "");
  });

  it("does not exist for an aborted or failed step", () => {
    deepEqual(skipReason(ended("aborted", "Stopped: by you.")), undefined);
    deepEqual(skipReason(ended("failed", "It broke.")), undefined);
  });
});
