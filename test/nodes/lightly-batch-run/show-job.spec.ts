import { deepEqual, equal } from "node:assert/strict";
import { showJob, shownState } from "../../../src/nodes/lightly-batch-run/show-job.ts";
import type { StepContext } from "../../../src/nodes/shared/step/step-context.ts";
import type { JobReport } from "../../../src/services/batch/job/job-report.ts";

const REPORT = { jobId: "j", jobName: "job", attempts: [], logGroup: "", logStreams: [], isStopped: false };
const single = (state: string): JobReport => ({ ...REPORT, state });
const array = (counts: Record<string, number>, state = "PENDING"): JobReport => ({
  ...REPORT,
  state,
  children: { size: 5, counts },
});

/** What a job shows: below the node, in the record, and as a phase. */
function shown(job: JobReport, waitingReason?: string, isFinal = false) {
  let phase: string | undefined;
  let progress: Parameters<StepContext["progress"]>[0] | undefined;
  let status: unknown[] = [];
  const context = {
    phase: (name: string) => {
      phase = name;
    },
    progress: (entry: typeof progress) => {
      progress = entry;
    },
    status: {
      show: (...args: unknown[]) => {
        status = args;
      },
    },
  } as unknown as StepContext;
  showJob(context, job, { waitingReason, isFinal });
  return { phase, look: status[0], text: status[1], values: status[2], progress };
}

describe("What a job of Batch shows", () => {
  it("is the state of a single job", () => {
    const states = ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"].map((state) => {
      const { phase, look, text, progress } = shown(single(state));
      return [phase, look, text, progress?.doing?.key];
    });
    deepEqual(states, [
      ["SUBMITTED", "waiting", "submitted", "jobSubmitted"],
      ["PENDING", "waiting", "pending", "jobSubmitted"],
      ["RUNNABLE", "waiting", "runnable", "jobWaits"],
      ["STARTING", "working", "starting", "jobStarts"],
      ["RUNNING", "working", "running", "jobRuns"],
    ]);
  });

  it("is nothing once the job has ended", () => {
    for (const state of ["SUCCEEDED", "FAILED"]) {
      deepEqual(shown(single(state)).look, undefined);
    }
  });

  it("is that of an unknown state until Batch says another one", () => {
    equal(shown(single("toString")).text, "submitted");
  });

  it("is the furthest state of the children of an array, whose parent is pending all the time", () => {
    deepEqual(
      [
        array({ SUBMITTED: 5 }),
        array({ RUNNABLE: 5 }),
        array({ RUNNABLE: 4, STARTING: 1 }),
        array({ RUNNABLE: 3, STARTING: 1, RUNNING: 1 }),
        // Between two children nothing runs for a moment.
        array({ RUNNABLE: 4, SUCCEEDED: 1 }),
        array({ SUCCEEDED: 5 }, "SUCCEEDED"),
      ].map(shownState),
      ["PENDING", "RUNNABLE", "STARTING", "RUNNING", "RUNNING", "SUCCEEDED"],
    );
  });

  it("counts children that have ended, and those that have failed only if there are any", () => {
    const { text, values, progress } = shown(array({ RUNNING: 2, SUCCEEDED: 3 }));
    deepEqual([text, values, progress?.counts?.key], ["children", { ended: 3, failed: 0, size: 5 }, "children"]);
    const failed = shown(array({ RUNNING: 2, SUCCEEDED: 2, FAILED: 1 }));
    deepEqual(
      [failed.text, failed.values, failed.progress?.counts?.key],
      ["childrenFailed", { ended: 3, failed: 1, size: 5 }, "failedChildren"],
    );
  });

  it("tells missing capacity from what has to be changed, with the reason of AWS", () => {
    const capacity = shown(single("RUNNABLE"), "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - no g4dn");
    deepEqual(
      [capacity.text, capacity.progress?.doing?.key, capacity.progress?.message],
      ["noCapacity", "jobLacksCapacity", "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - no g4dn"],
    );
    equal(shown(single("RUNNABLE"), "MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS").text, "blocked");
  });

  it("is a phase of its own for the final job, which waits like any other", () => {
    const waiting = shown(single("RUNNABLE"), undefined, true);
    const running = shown(single("RUNNING"), undefined, true);
    deepEqual([waiting.phase, waiting.text], ["FINAL_JOB", "runnable"]);
    deepEqual([running.phase, running.text, running.progress?.doing?.key], ["FINAL_JOB", "final", "finalJobRuns"]);
  });
});
