import type { Clock } from "../../../polling/clock.ts";
import { formatDuration } from "../../../polling/format-duration.ts";
import type { JobReport } from "../job/job-report.ts";
import { blockedError, blockedKind, noCapacityError } from "./blocked-reason.ts";

/** Measures how long a job has been waiting for an instance without any progress. */
export class BlockedTime {
  readonly #clock: Clock;
  #since: number | undefined;
  #ended = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Looks at the latest report. Returns the milliseconds for which the job has been waiting; undefined if it is not waiting. */
  see(job: JobReport): number | undefined {
    const ended = endedChildren(job);
    if (!isWaiting(job) || ended !== this.#ended) {
      this.#since = undefined;
    }
    this.#ended = ended;
    if (!isWaiting(job)) {
      return undefined;
    }
    this.#since ??= this.#clock.now();
    return this.#clock.now() - this.#since;
  }

  /** @throws PipelineError `BATCH_JOB_BLOCKED`, `BATCH_NO_CAPACITY` if the job need not wait any longer */
  throwIfOver(job: JobReport, { reason, limitMs }: { reason: string | undefined; limitMs: number }): void {
    if (this.#since === undefined) {
      return;
    }
    if (reason !== undefined && blockedKind(reason) === "misconfigured") {
      throw blockedError(job, reason);
    }
    const waitedMs = this.#clock.now() - this.#since;
    if (waitedMs >= limitMs) {
      throw noCapacityError(job, reason, formatDuration(waitedMs));
    }
  }
}

/** Whether a job, or no child of an array, has an instance. */
function isWaiting({ state, children }: JobReport): boolean {
  if (!children) {
    return state === "RUNNABLE";
  }
  const { RUNNABLE = 0, STARTING = 0, RUNNING = 0 } = children.counts;
  return RUNNABLE > 0 && STARTING + RUNNING === 0;
}

function endedChildren({ children }: JobReport): number {
  const { SUCCEEDED = 0, FAILED = 0 } = children?.counts ?? {};
  return SUCCEEDED + FAILED;
}
