import { PipelineError } from "../../errors/pipeline-error.ts";
import type { Clock } from "../../polling/clock.ts";
import { growingDelay } from "../../polling/delay.ts";
import { formatDuration } from "../../polling/format-duration.ts";

/** AWS says that capacity shifts within minutes; the SDK's own retries are over after 40 ms. */
const CAPACITY_PAUSE = growingDelay({ firstMs: 30_000, limitMs: 300_000 });

/** What {@link CapacityRetry} takes. */
export interface CapacityRetryOptions {
  readonly ids: readonly string[];
  /** How long a lack of capacity may last, in milliseconds, from the first time that it shows. */
  readonly capacityTimeoutMs: number;
  readonly clock: Clock;
}

/**
 * Waits out a lack of capacity, however it shows: as a refusal of the start, or as the reason for which an instance whose start was
 * accepted fell back to stopped. It asks again 30 s, 60 s, 120 s, ... later.
 */
export class CapacityRetry {
  /** The last lack, with how often and how long was asked. */
  error: PipelineError | undefined;
  /** How long to wait before the next try, in milliseconds. */
  pauseMs = 0;
  readonly #options: CapacityRetryOptions;
  #since: number | undefined;
  #count = 0;

  constructor(options: CapacityRetryOptions) {
    this.#options = options;
  }

  /**
   * Notes a lack, and sets {@link pauseMs}.
   *
   * @returns what to wait for, for a status
   * @throws PipelineError `EC2_NO_CAPACITY` at the limit
   */
  lacking(lack: PipelineError): string {
    const { clock, capacityTimeoutMs, ids } = this.#options;
    this.#since ??= clock.now();
    this.#count += 1;
    const waitedMs = clock.now() - this.#since;
    const often = this.#count === 1 ? "once" : `${this.#count} times in ${formatDuration(waitedMs)}`;
    this.error = new PipelineError(
      "EC2_NO_CAPACITY",
      `${lack.message} Asked ${often}. Wait longer, come back later, or use another instance type or zone.`,
      { details: { ...lack.details, instanceIds: ids, tries: this.#count, waitedMs }, cause: lack.cause },
    );
    if (waitedMs >= capacityTimeoutMs) {
      throw this.error;
    }
    this.pauseMs = Math.min(CAPACITY_PAUSE(this.#count), capacityTimeoutMs - waitedMs);
    return `stopped: no capacity, asking again in ${formatDuration(this.pauseMs)}`;
  }
}
