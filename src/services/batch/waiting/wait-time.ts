import type { Clock } from "../../../polling/clock.ts";
import { formatDuration } from "../../../polling/format-duration.ts";
import type { WaitMemory } from "../../../polling/wait-memory.ts";
import type { JobReport } from "../job/job-report.ts";
import { blockedError, blockedKind, noCapacityError } from "./blocked-reason.ts";
import { notStartedError } from "./not-started-error.ts";

/** What a job needs next while nothing of it runs: an instance (RUNNABLE), or its container on one (STARTING). */
export type WaitGoal = "instance" | "container";

/** A wait, by which it is recognized after a restart. */
export interface JobWait {
  readonly goal: WaitGoal;
  /** The attempts or children that had ended when it began. With each further one, another wait begins. */
  readonly ended: number;
}

/** How long a job may wait at a time, in milliseconds. */
export type WaitLimits = Readonly<Record<WaitGoal, number>>;

/** Measures how long a job has been waiting for an instance, or for its container, without any progress. */
export class WaitTime {
  readonly #clock: Clock;
  readonly #memory: WaitMemory<JobWait> | undefined;
  #wait: (JobWait & { readonly since: number }) | undefined;

  constructor(clock: Clock, memory?: WaitMemory<JobWait>) {
    this.#clock = clock;
    this.#memory = memory;
    if (memory?.earlier) {
      const { waitedMs, ...wait } = memory.earlier;
      this.#wait = { ...wait, since: clock.now() - waitedMs };
    }
  }

  /** Looks at the latest report. Returns for what the job has been waiting, and for how long; undefined if it is not waiting. */
  see(job: JobReport): { readonly goal: WaitGoal; readonly waitedMs: number } | undefined {
    const wait = waitOf(job);
    if (wait?.goal !== this.#wait?.goal || wait?.ended !== this.#wait?.ended) {
      this.#wait = wait && { ...wait, since: this.#clock.now() };
      this.#memory?.save(wait);
    }
    return this.#wait && { goal: this.#wait.goal, waitedMs: this.#clock.now() - this.#wait.since };
  }

  /**
   * @param reason - why AWS says that it waits for an instance
   * @throws PipelineError `BATCH_JOB_BLOCKED`, `BATCH_NO_CAPACITY`, `BATCH_START_FAILED` if the job need not wait any longer
   */
  throwIfOver(job: JobReport, { reason, limits }: { reason: string | undefined; limits: WaitLimits }): void {
    if (this.#wait === undefined) {
      return;
    }
    const { goal, since } = this.#wait;
    if (reason !== undefined && blockedKind(reason) === "misconfigured") {
      throw blockedError(job, reason);
    }
    const waitedMs = this.#clock.now() - since;
    if (waitedMs >= limits[goal]) {
      const waited = formatDuration(waitedMs);
      throw goal === "instance" ? noCapacityError(job, reason, waited) : notStartedError(job, waited);
    }
  }
}

/** The wait of a job; undefined if it, or a child of an array, runs or has not begun to wait. */
function waitOf({ state, children, attempts }: JobReport): JobWait | undefined {
  const { SUCCEEDED = 0, FAILED = 0, ...counts } = children?.counts ?? { [state]: 1 };
  const { RUNNABLE = 0, STARTING = 0, RUNNING = 0 } = counts;
  if (RUNNING > 0 || RUNNABLE + STARTING === 0) {
    return undefined;
  }
  return { goal: STARTING > 0 ? "container" : "instance", ended: children ? SUCCEEDED + FAILED : attempts.length };
}
