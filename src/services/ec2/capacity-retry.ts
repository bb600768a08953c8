import { PipelineError } from "../../errors/pipeline-error.ts";
import type { Clock } from "../../polling/clock.ts";
import { growingDelay } from "../../polling/delay.ts";
import { formatDuration } from "../../polling/format-duration.ts";
import type { WaitMemory } from "../../polling/wait-memory.ts";

/** Capacity changes within minutes, according to AWS; the SDK's own retries end after 40 ms. */
const CAPACITY_DELAY = growingDelay({ firstMs: 30_000, limitMs: 300_000 });

export interface CapacityRetryOptions {
  readonly ids: readonly string[];
  /** How long to retry, in milliseconds from the first lack of capacity. */
  readonly capacityTimeoutMs: number;
  readonly clock: Clock;
  /** Keeps the first lack of capacity over restarts. */
  readonly memory?: WaitMemory | undefined;
}

/**
 * The delays and the limit of retries while there is no capacity: EC2 refuses the start, or accepts it and the instance returns to
 * stopped. The retries follow after 30 s, 60 s, 120 s, ...
 */
export class CapacityRetry {
  /** The error of the last attempt, with the number of attempts and their duration. */
  lastError: PipelineError | undefined;
  /** The delay before the next attempt, in milliseconds. */
  delayMs = 0;
  readonly #options: CapacityRetryOptions;
  #since: number | undefined;
  #count = 0;

  constructor(options: CapacityRetryOptions) {
    this.#options = options;
    const { clock, memory } = options;
    this.#since = memory?.earlier && clock.now() - memory.earlier.waitedMs;
  }

  /** The instances are running: with a later lack of capacity, another wait begins. */
  end(): void {
    if (this.#since !== undefined) {
      this.#since = undefined;
      this.#options.memory?.save(undefined);
    }
  }

  /**
   * Records a lack of capacity, and sets {@link delayMs}.
   *
   * @returns the state for the status
   * @throws PipelineError `EC2_NO_CAPACITY` at the limit
   */
  record(error: PipelineError): string {
    const { clock, capacityTimeoutMs, ids, memory } = this.#options;
    const isNew = this.#since === undefined;
    this.#since ??= clock.now();
    this.#count += 1;
    const waitedMs = clock.now() - this.#since;
    // How often a previous process has requested it is not known.
    const times = memory?.earlier ? "for" : `${this.#count} times in`;
    const often = isNew ? "once" : `${times} ${formatDuration(waitedMs)}`;
    this.lastError = new PipelineError(
      "EC2_NO_CAPACITY",
      `${error.message} Requested ${often}. Increase the time limit for capacity, try again later, or use another instance type or zone.`,
      { details: { ...error.details, instanceIds: ids, attempts: this.#count, waitedMs }, cause: error.cause },
    );
    if (waitedMs >= capacityTimeoutMs) {
      throw this.lastError;
    }
    if (isNew) {
      memory?.save({});
    }
    this.delayMs = Math.min(CAPACITY_DELAY(this.#count), capacityTimeoutMs - waitedMs);
    return `stopped: no capacity, next attempt in ${formatDuration(this.delayMs)}`;
  }
}
