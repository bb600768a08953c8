import { abortedError } from "../errors/pipeline-error.ts";
import type { Clock } from "./clock.ts";
import type { WakeUp } from "./wake-up.ts";

/**
 * Sleeps for `ms` milliseconds, or until it is woken.
 *
 * @returns whether it was woken
 * @throws PipelineError `ABORTED` as soon as the signal is aborted
 */
export async function sleepOrAbort(clock: Clock, ms: number, signal: AbortSignal, wakeUp?: WakeUp): Promise<boolean> {
  try {
    if (wakeUp) {
      return await sleepOrWake(clock, ms, signal, wakeUp);
    }
    await clock.sleep(ms, signal);
    return false;
  } catch (error) {
    throw signal.aborted ? abortedError(signal.reason) : error;
  }
}

/** The reason of a sleep that was woken. Without a reason, an error with a stack trace would be created. */
const WOKEN = Symbol("woken");

/** `AbortSignal.any` is not used, because Node.js keeps a part of each such signal for as long as its sources exist: a wait has thousands. */
async function sleepOrWake(clock: Clock, ms: number, signal: AbortSignal, wakeUp: WakeUp): Promise<boolean> {
  const ended = new AbortController();
  const abort = (): void => ended.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", abort, { once: true });
  const unsubscribe = wakeUp.next(() => ended.abort(WOKEN));
  try {
    await clock.sleep(ms, ended.signal);
    return false;
  } catch (error) {
    if (ended.signal.reason !== WOKEN || signal.aborted) {
      throw error;
    }
    return true;
  } finally {
    unsubscribe();
    signal.removeEventListener("abort", abort);
  }
}
