import assert from "node:assert/strict";
import { type JobRequest, jobInput } from "../../../../src/services/batch/job/job-input.ts";

const JOB: JobRequest = { jobName: "run-1", queue: "queue", definition: "worker:3" };

describe("jobInput", () => {
  it("leaves out what comes from the definition", () => {
    assert.deepEqual(jobInput(JOB), { jobName: "run-1", jobQueue: "queue", jobDefinition: "worker:3" });
  });

  it("contains all overrides, numbers as strings", () => {
    assert.deepEqual(
      jobInput({
        ...JOB,
        ...{ command: ["select", "a b"], environment: { A: "1" }, vcpus: 4, memoryMib: 12_288, gpus: 1 },
        ...{ size: 3, attempts: 2, attemptTimeoutMs: 90_000, shareIdentifier: "team" },
      }),
      {
        jobName: "run-1",
        jobQueue: "queue",
        jobDefinition: "worker:3",
        containerOverrides: {
          command: ["select", "a b"],
          environment: [{ name: "A", value: "1" }],
          resourceRequirements: [
            { type: "VCPU", value: "4" },
            { type: "MEMORY", value: "12288" },
            { type: "GPU", value: "1" },
          ],
        },
        arrayProperties: { size: 3 },
        retryStrategy: { attempts: 2 },
        timeout: { attemptDurationSeconds: 90 },
        shareIdentifier: "team",
      },
    );
  });

  it("submits one item as a job without children, which Batch requires", () => {
    assert.equal(jobInput({ ...JOB, size: 1 }).arrayProperties, undefined);
  });

  for (const [what, more, pattern] of [
    ["no children", { size: 0 }, /1 to 10000 children/],
    ["too many children", { size: 10_001 }, /10001/],
    ["an empty word", { command: ["a", ""] }, /empty word/],
    ["a variable of Batch", { environment: { AWS_BATCH_X: "1" } }, /AWS_BATCH_X/],
    ["more than 8,192 characters, whose job would fail later", { environment: { A: "x".repeat(8200) } }, /8192/],
    ["more than 30 KiB", { shareIdentifier: "x".repeat(31_000) }, /30 KiB/],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => jobInput({ ...JOB, ...more }), { code: "BATCH_REQUEST_INVALID", message: pattern });
    });
  }
});
