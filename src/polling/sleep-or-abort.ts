import { abortedError } from "../errors/pipeline-error.ts";
import type { Clock } from "./clock.ts";
import type { WakeUp } from "./wake-up.ts";

/**
 * Sleeps for `ms` milliseconds, or until it is woken.
 *
 * @throws PipelineError `ABORTED` as soon as the signal is aborted
 */
export async function sleepOrAbort(clock: Clock, ms: number, signal: AbortSignal, wakeUp?: WakeUp): Promise<void> {
  const woken = new AbortController();
  // With a reason: otherwise an error with a stack trace would be created.
  const unsubscribe = wakeUp?.next(() => woken.abort("woken"));
  try {
    await clock.sleep(ms, wakeUp ? AbortSignal.any([signal, woken.signal]) : signal);
  } catch (error) {
    if (signal.aborted) {
      throw abortedError(signal.reason);
    }
    if (!woken.signal.aborted) {
      throw error;
    }
  } finally {
    unsubscribe?.();
  }
}
