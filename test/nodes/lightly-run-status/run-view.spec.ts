import { deepEqual } from "node:assert/strict";
import { runView } from "../../../src/nodes/lightly-run-status/run-view.ts";
import type { StepRecord } from "../../../src/records/run-record.ts";

const FAILED_UPLOAD: StepRecord = {
  stepId: "s1",
  nodeId: "n1",
  type: "lightly-s3-upload",
  role: "upload",
  name: "upload to S3",
  startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  endedAt: Date.UTC(2026, 0, 2, 3, 5),
  state: "failed",
  checkpoint: { bucket: "b", key: "k", uploadId: "u" },
  error: { code: "AWS_UNREACHABLE", message: "No answer.", details: { host: "h" } },
};

describe("the view of a run", () => {
  it("contains what a caller needs, and no ids of remote work", () => {
    deepEqual(
      runView({ runId: "r", startedAt: FAILED_UPLOAD.startedAt, state: "failed", steps: [FAILED_UPLOAD] }).steps,
      [
        {
          name: "upload to S3",
          type: "lightly-s3-upload",
          state: "failed",
          startedAt: "2026-01-02T03:04:05.000Z",
          endedAt: "2026-01-02T03:05:00.000Z",
          error: { code: "AWS_UNREACHABLE", message: "No answer." },
        },
      ],
    );
  });

  it("contains only the latest attempt of a retried step", () => {
    const again: StepRecord = { ...FAILED_UPLOAD, stepId: "s2", state: "running" };
    const { steps } = runView({
      runId: "r",
      startedAt: FAILED_UPLOAD.startedAt,
      state: "running",
      steps: [{ ...FAILED_UPLOAD, replacedBy: "s2" }, again],
    });
    deepEqual(
      steps.map(({ state }) => state),
      ["running"],
    );
  });
});
