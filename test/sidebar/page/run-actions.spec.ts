import { deepEqual } from "node:assert/strict";
import type { RunRecord } from "../../../src/runs/records/run-record.ts";
import { possibleActions } from "../../../src/sidebar/page/run-actions.ts";
import { run, step } from "../a-run.ts";

const of = (record: RunRecord, gone: readonly string[] = []): string[] => [
  ...possibleActions(record, (nodeId) => !gone.includes(nodeId)),
];
const failed = run(
  [step("lightly-s3-upload", 0, 1), step("lightly-run", 0, 1, { state: "failed", parentStepId: "r/s3-upload/0" })],
  {
    state: "failed",
  },
);

describe("the possible actions for a run", () => {
  it("include abort while a step is running", () => deepEqual(of(run([step("lightly-s3-upload", 0)])), ["abort"]));

  it("are none while only its stop step is running, or while it waits to be resumed", () => {
    deepEqual(of(run([step("lightly-s3-upload", 0, 1), step("lightly-ec2-stop", 1)])), []);
    deepEqual(of(run([step("lightly-s3-upload", 0, 1, { state: "interrupted" })])), []);
  });

  it("include rerun when it is completed", () => deepEqual(of(run([step("lightly-s3-upload", 0, 1)])), ["rerun"]));

  it("include retry and rerun when it has failed", () => {
    deepEqual(of(failed), ["retry", "rerun"]);
  });

  it("require the nodes of their steps", () => {
    deepEqual(of(failed, ["lightly-run"]), ["rerun"]);
    deepEqual(of(failed, ["lightly-s3-upload"]), ["retry"]);
  });
});
