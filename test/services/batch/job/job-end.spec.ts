import assert from "node:assert/strict";
import { endCause, jobError } from "../../../../src/services/batch/job/job-end.ts";
import type { ContainerEnd, JobReport } from "../../../../src/services/batch/job/job-report.ts";

const EXITED = "Essential container in task exited";
const NOT_STARTED = "Task failed to start";

const JOB: JobReport = {
  jobId: "job-1",
  jobName: "run-1",
  state: "FAILED",
  attempts: [],
  logGroup: "/aws/batch/job",
  logStreams: [],
  isStopped: false,
};

describe("The end of a job of Batch", () => {
  const cases: ReadonlyArray<readonly [string, ContainerEnd, string, RegExp]> = [
    ["an exit code", { statusReason: EXITED, exitCode: 3 }, "BATCH_JOB_FAILED", /^ended with exit code 3$/],
    ["a missing command", { statusReason: EXITED, exitCode: 127 }, "BATCH_JOB_FAILED", /not found in the image/],
    [
      "a reclaimed spot instance, without an exit code",
      { statusReason: "Host EC2 (instance i-0123) terminated." },
      "BATCH_HOST_LOST",
      /i-0123/,
    ],
    [
      "a reclaimed spot instance, with the exit code of SIGTERM",
      { statusReason: "Host EC2 (instance i-0123) terminated.", exitCode: 143 },
      "BATCH_HOST_LOST",
      /spot/,
    ],
    [
      "the time limit, with the exit code of SIGKILL",
      { statusReason: "Job attempt duration exceeded timeout", exitCode: 137 },
      "BATCH_JOB_TIMED_OUT",
      /time limit/,
    ],
    [
      "too little memory, even with exit code 0",
      {
        statusReason: EXITED,
        containerReason: "OutOfMemoryError: Container killed due to memory usage",
        exitCode: 0,
      },
      "BATCH_OUT_OF_MEMORY",
      /memory/,
    ],
    [
      "SIGKILL without a reason",
      { statusReason: EXITED, exitCode: 137 },
      "BATCH_JOB_FAILED",
      /possibly because it ran out of memory/,
    ],
    [
      "an image that does not exist",
      { statusReason: NOT_STARTED, containerReason: "CannotPullContainerError: manifest for x not found" },
      "BATCH_START_FAILED",
      /image can't be pulled.*manifest for x not found/,
    ],
    [
      "a disk that is too small for the image",
      { statusReason: NOT_STARTED, containerReason: "CannotPullContainerError: failed: no space left on device" },
      "BATCH_START_FAILED",
      /launch template/,
    ],
    [
      "a role that can't be assumed",
      { statusReason: "ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided for this task." },
      "BATCH_START_FAILED",
      /trust policy/,
    ],
    [
      "a log group that can't be written",
      { statusReason: NOT_STARTED, containerReason: "CannotStartContainerError: failed to initialize logging driver" },
      "BATCH_START_FAILED",
      /log group/,
    ],
    ["a container that does not start", { statusReason: NOT_STARTED }, "BATCH_START_FAILED", /could not start/],
    [
      "a limit of the queue",
      { statusReason: "Canceled by JobStateTimeLimit action due to reason: CAPACITY" },
      "BATCH_JOB_CANCELED",
      /limit of the queue/,
    ],
    [
      "overrides that are too long",
      { statusReason: "Container Overrides length must be at most 8192" },
      "BATCH_REQUEST_INVALID",
      /8,192/,
    ],
    ["no exit code and no known reason", { statusReason: "Something new." }, "BATCH_JOB_FAILED", /"Something new"/],
  ];
  for (const [what, end, code, pattern] of cases) {
    it(`is ${code} after ${what}`, () => {
      const cause = endCause(end);
      assert.equal(cause.code, code);
      assert.match(cause.text, pattern);
    });
  }

  it("is BATCH_JOB_CANCELED after a termination, whose text becomes the reason, whatever the exit code", () => {
    const { code, text } = endCause({ statusReason: "by hand", exitCode: 137 }, true);
    assert.deepEqual([code, text], ["BATCH_JOB_CANCELED", 'was terminated. AWS says: "by hand"']);
  });

  it("is explained by the last attempt if the job itself does not say why", () => {
    const attempts = [
      { statusReason: "Host EC2 (instance i-1) terminated." },
      { statusReason: NOT_STARTED, containerReason: "CannotPullContainerError: timeout" },
    ];
    const { code, message } = jobError({ ...JOB, statusReason: NOT_STARTED, attempts });
    assert.equal(code, "BATCH_START_FAILED");
    assert.match(message, /^Job run-1 \(job-1\) could not start: .*timeout.*This was attempt 2\.$/);
  });

  it("counts the children of an array", () => {
    const children = { size: 5, counts: { SUCCEEDED: 3, FAILED: 2 } };
    const { code, message } = jobError({ ...JOB, children });
    assert.equal(code, "BATCH_JOB_FAILED");
    assert.match(message, /^2 of the 5 children/);
  });

  it("contains no secret", () => {
    const { text } = endCause({ statusReason: "token=abcdefghijklmnop123 is wrong" });
    assert.doesNotMatch(text, /abcdefghijklmnop123/);
  });
});
