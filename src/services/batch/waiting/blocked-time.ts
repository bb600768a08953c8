import type { Clock } from "../../../polling/clock.ts";
import { formatDuration } from "../../../polling/format-duration.ts";
import type { JobReport } from "../job/job-report.ts";
import { blockedError, blockedKind, noCapacityError } from "./blocked-reason.ts";

/** A wait for an instance, by which it is recognized after a restart. */
export interface JobWait {
  /** The attempts or children that had ended when it began. With each further one, another wait begins. */
  readonly ended: number;
}

/** Keeps the wait of a job over restarts. */
export interface WaitMemory {
  /** The wait that a previous process has saved, and for how long it has lasted by now. */
  readonly earlier?: (JobWait & { readonly waitedMs: number }) | undefined;
  /** Saves a wait that begins now; `undefined`: it is over. */
  readonly save: (wait: JobWait | undefined) => void;
}

/** Measures how long a job has been waiting for an instance without any progress. */
export class BlockedTime {
  readonly #clock: Clock;
  readonly #memory: WaitMemory | undefined;
  #wait: (JobWait & { readonly since: number }) | undefined;

  constructor(clock: Clock, memory?: WaitMemory) {
    this.#clock = clock;
    this.#memory = memory;
    const { earlier } = memory ?? {};
    this.#wait = earlier && { ended: earlier.ended, since: clock.now() - earlier.waitedMs };
  }

  /** Looks at the latest report. Returns the milliseconds for which the job has been waiting; undefined if it is not waiting. */
  see(job: JobReport): number | undefined {
    const wait = waitOf(job);
    if (wait?.ended !== this.#wait?.ended) {
      this.#wait = wait && { ...wait, since: this.#clock.now() };
      this.#memory?.save(wait);
    }
    return this.#wait && this.#clock.now() - this.#wait.since;
  }

  /** @throws PipelineError `BATCH_JOB_BLOCKED`, `BATCH_NO_CAPACITY` if the job need not wait any longer */
  throwIfOver(job: JobReport, { reason, limitMs }: { reason: string | undefined; limitMs: number }): void {
    if (this.#wait === undefined) {
      return;
    }
    if (reason !== undefined && blockedKind(reason) === "misconfigured") {
      throw blockedError(job, reason);
    }
    const waitedMs = this.#clock.now() - this.#wait.since;
    if (waitedMs >= limitMs) {
      throw noCapacityError(job, reason, formatDuration(waitedMs));
    }
  }
}

/** The wait of a job; undefined if it, or a child of an array, has an instance. */
function waitOf({ state, children, attempts }: JobReport): JobWait | undefined {
  if (!children) {
    return state === "RUNNABLE" ? { ended: attempts.length } : undefined;
  }
  const { RUNNABLE = 0, STARTING = 0, RUNNING = 0, SUCCEEDED = 0, FAILED = 0 } = children.counts;
  return RUNNABLE > 0 && STARTING + RUNNING === 0 ? { ended: SUCCEEDED + FAILED } : undefined;
}
