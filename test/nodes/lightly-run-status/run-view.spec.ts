import { deepEqual, equal } from "node:assert/strict";
import { runView } from "../../../src/nodes/lightly-run-status/run-view.ts";
import type { StepRecord } from "../../../src/records/run-record.ts";
import { MINUTE, run, step } from "../../records/a-run.ts";

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
      runView({ runId: "r", startedAt: FAILED_UPLOAD.startedAt, state: "failed", steps: [FAILED_UPLOAD] }, 0).steps,
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
    const steps = [{ ...FAILED_UPLOAD, replacedBy: "s2" }, again];
    const view = runView({ runId: "r", startedAt: FAILED_UPLOAD.startedAt, state: "running", steps }, 0);
    deepEqual(
      view.steps.map(({ state }) => state),
      ["running"],
    );
  });

  it("contains how long its instances were running, working and idle, and its requests by service", () => {
    const ec2 = { result: { ec2: { instanceIds: ["i-1"] } } };
    const steps = [
      step("lightly-ec2-start", 0, 1, { ...ec2, requests: { ec2: 2, ssm: 1 } }),
      step("lightly-ssm-run-script", 2, 4, { checkpoint: { instanceIds: ["i-1"] }, requests: { ssm: 5 } }),
      step("lightly-ec2-stop", 5, 6, { ...ec2, requests: { ec2: 3 } }),
    ];
    const { instanceSeconds, requests } = runView(run(steps), 0);
    deepEqual(instanceSeconds, { running: 360, working: 120, idle: 240 });
    deepEqual(requests, { ec2: 5, ssm: 6 });
  });

  it("contains how long its containers of AWS Batch have run", () => {
    const containerUse = [{ jobId: "j", jobs: 3, containerMs: 6500, vcpus: 4, gpus: 1 }];
    const view = runView(run([step("lightly-batch-run", 0, 1, { state: "failed", checkpoint: { containerUse } })]), 0);
    deepEqual(view.containers, { jobs: 3, seconds: 6.5, vcpuSeconds: 26, gpuSeconds: 6.5 });
    equal("instanceSeconds" in view, false);
  });

  it("grows the times of a run that has not ended", () => {
    const starting = step("lightly-ec2-start", 0, undefined, { checkpoint: { instanceIds: ["i-1"] } });
    equal(runView(run([starting]), MINUTE).instanceSeconds?.running, 60);
  });

  it("has no times of instances if the run has used none", () => {
    equal("instanceSeconds" in runView(run([FAILED_UPLOAD]), 0), false);
    equal("containers" in runView(run([FAILED_UPLOAD]), 0), false);
  });
});
