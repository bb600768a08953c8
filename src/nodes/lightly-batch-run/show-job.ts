import { ownEntry } from "../../errors/own-entry.ts";
import type { DoingKey } from "../../records/progress.ts";
import { isOver, type JobReport } from "../../services/batch/job/job-report.ts";
import { blockedKind } from "../../services/batch/waiting/blocked-reason.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/** How a state is shown: the key of the status below the node, and that in the Runs view. */
interface Shown {
  readonly status: string;
  readonly doing: DoingKey;
}

const SUBMITTED: Shown = { status: "submitted", doing: "jobSubmitted" };
const STATES: Readonly<Record<string, Shown>> = {
  SUBMITTED,
  PENDING: { status: "pending", doing: "jobSubmitted" },
  RUNNABLE: { status: "runnable", doing: "jobWaits" },
  STARTING: { status: "starting", doing: "jobStarts" },
  RUNNING: { status: "running", doing: "jobRuns" },
};
const FINAL: Shown = { status: "final", doing: "finalJobRuns" };
const NO_CAPACITY: Shown = { status: "noCapacity", doing: "jobLacksCapacity" };
const BLOCKED: Shown = { status: "blocked", doing: "jobIsBlocked" };

/** The number of children of an array that have ended, and of those that have failed. */
export function endedChildren({ children }: JobReport): { readonly ended: number; readonly failed: number } {
  const { SUCCEEDED = 0, FAILED = 0 } = children?.counts ?? {};
  return { ended: SUCCEEDED + FAILED, failed: FAILED };
}

/** The state that users look for. The parent of an array is PENDING until its last child has ended. */
export function shownState(job: JobReport): string {
  if (!job.children || isOver(job.state)) {
    return job.state;
  }
  const { RUNNING = 0, STARTING = 0, RUNNABLE = 0 } = job.children.counts;
  if (RUNNING > 0 || endedChildren(job).ended > 0) {
    return "RUNNING";
  }
  return STARTING > 0 ? "STARTING" : RUNNABLE > 0 ? "RUNNABLE" : job.state;
}

/** Shows a job that has not ended in the record of the step, and below its node. */
export function showJob(
  context: StepContext,
  job: JobReport,
  { waitingReason, isFinal }: { readonly waitingReason: string | undefined; readonly isFinal: boolean },
): void {
  if (isOver(job.state)) {
    return;
  }
  const state = shownState(job);
  const ofState = isFinal && state === "RUNNING" ? FINAL : (ownEntry(STATES, state) ?? SUBMITTED);
  const shown = waitingReason === undefined ? ofState : blockedAs(waitingReason);
  const values = { ...endedChildren(job), size: job.children?.size ?? 0 };
  context.phase(isFinal ? "FINAL_JOB" : state);
  context.progress({
    state,
    ...(waitingReason !== undefined && { message: waitingReason }),
    doing: { key: shown.doing, values: {} },
    ...(job.children && { counts: { key: values.failed > 0 ? "failedChildren" : "children", values } }),
  });
  const look = state === "RUNNING" || state === "STARTING" ? "working" : "waiting";
  const ofChildren = values.failed > 0 ? "childrenFailed" : "children";
  context.status.show(look, job.children && state === "RUNNING" ? ofChildren : shown.status, values);
}

function blockedAs(reason: string): Shown {
  return blockedKind(reason) === "capacity" ? NO_CAPACITY : BLOCKED;
}
