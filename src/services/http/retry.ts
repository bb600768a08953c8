import { abortedError, PipelineError } from "../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { type DelayPolicy, growingDelay } from "../../polling/delay.ts";
import { sleepOrAbort } from "../../polling/sleep-or-abort.ts";

export interface RetryOptions<T> {
  /** An idempotent request. */
  readonly work: () => Promise<T>;
  /** Maximum number of attempts; default 4. */
  readonly attempts?: number;
  /** Default 0.5 s, 1 s, 2 s ... up to 10 s, half of it random. */
  readonly delay?: DelayPolicy;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

export const REQUEST_DELAY: DelayPolicy = growingDelay({ firstMs: 500, limitMs: 10_000, jitter: 0.5 });

/**
 * Runs `work`, and repeats it after a delay while it fails with a retryable error.
 *
 * @throws PipelineError the last failure, or `ABORTED`
 */
export async function retry<T>(options: RetryOptions<T>): Promise<T> {
  const { work, attempts = 4, delay = REQUEST_DELAY, signal, clock = systemClock } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      signal.throwIfAborted();
      return await work();
    } catch (error) {
      if (signal.aborted) {
        throw abortedError(signal.reason);
      }
      if (attempt >= attempts || !(error instanceof PipelineError && error.retryable)) {
        throw error;
      }
    }
    await sleepOrAbort(clock, delay(attempt), signal);
  }
}
