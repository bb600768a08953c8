import { abortedError, PipelineError } from "../errors/pipeline-error.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { DelayPolicy } from "./delay.ts";
import { timedOutError } from "./timed-out.ts";
import type { WakeUp } from "./wake-up.ts";
import { LimitReached, withinLimit } from "./within-limit.ts";

/**
 * What one look found: the goal, or the state before it. `wait` completes the sentence "The last state was: ..." (`pending`,
 * `no SSM agent Online on i-...`), without a full stop. A goal that can't be met any more is thrown.
 */
export type PollResult<T> = { readonly done: T } | { readonly wait: string };

/** One look of a wait, as reported to `onAttempt`. */
export interface PollAttempt {
  /** Counts from 1. */
  readonly attempt: number;
  readonly state: string;
  readonly elapsedMs: number;
}

/** What {@link pollUntil} takes. */
export interface PollOptions<T> {
  /** What is waited for, as it reads in "Waited 15 min for ...". */
  readonly goal: string;
  /**
   * Looks once. An error that it throws with `retryable` set counts as "still waiting"; any other ends the wait. Its signal is aborted
   * with the wait's, and at the limit; a look that ignores it is left behind.
   */
  readonly check: (signal: AbortSignal) => Promise<PollResult<T>>;
  readonly delay: DelayPolicy;
  /** Limit of the whole wait in milliseconds; `Infinity` for none; 0 for a single look, which may take 10 s. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /**
   * A look that has begun is waited for, whatever the limit and the signal say: for one that does something whose outcome must be
   * known. It needs a limit of its own. Default: no.
   */
  readonly finishLooks?: boolean;
  readonly wakeUp?: WakeUp;
  readonly clock?: Clock;
  readonly onAttempt?: (attempt: PollAttempt) => void;
}

/** How long the only look of a wait without time may take, in milliseconds. */
const SINGLE_LOOK_MS = 10_000;
/** Timers fire up to a millisecond early. */
const TIMER_PRECISION_MS = 1;

/**
 * The one loop behind every wait: looks, reports, sleeps, until the goal is met. The limit is one of real time: a look that gets no
 * answer is cut off there. The last look, which begins at the limit, may take a tenth of it (100 ms to 5 s).
 *
 * @returns what `check` found
 * @throws PipelineError `TIMED_OUT` (with the last state, and what became of the last look as cause) or `ABORTED`; or what `check` threw
 */
export async function pollUntil<T>(options: PollOptions<T>): Promise<T> {
  const { goal, delay, timeoutMs, signal, wakeUp, clock = systemClock, onAttempt } = options;
  const leastMs = timeoutMs > 0 ? Math.min(5000, Math.max(100, timeoutMs / 10)) : SINGLE_LOOK_MS;
  const startedAt = clock.now();
  let state: string | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const look = await lookOnce(options, clock, Math.max(leastMs, startedAt + timeoutMs - clock.now()));
    if ("done" in look) {
      return look.done;
    }
    const elapsedMs = clock.now() - startedAt;
    state = look.wait ?? state;
    onAttempt?.({ attempt, state: look.wait ?? `unknown (${look.error?.message})`, elapsedMs });
    const leftMs = timeoutMs - elapsedMs;
    if (leftMs < TIMER_PRECISION_MS) {
      throw timedOutError({ goal, state, elapsedMs, attempts: attempt, error: look.error });
    }
    await sleepOrWake(Math.min(delay(attempt), leftMs), signal, clock, wakeUp);
  }
}

type Look<T> =
  | { readonly done: T }
  | { readonly wait: string; readonly error?: undefined }
  | { readonly wait?: undefined; readonly error: PipelineError | LimitReached };

async function lookOnce<T>(
  { check, signal, finishLooks = false }: PollOptions<T>,
  clock: Clock,
  limitMs: number,
): Promise<Look<T>> {
  try {
    signal.throwIfAborted();
    return finishLooks ? await check(signal) : await withinLimit({ work: check, limitMs, signal, clock });
  } catch (error) {
    if (signal.aborted) {
      throw abortedError(signal.reason);
    }
    if (error instanceof LimitReached || (error instanceof PipelineError && error.retryable)) {
      return { error };
    }
    throw error;
  }
}

async function sleepOrWake(ms: number, signal: AbortSignal, clock: Clock, wakeUp: WakeUp | undefined): Promise<void> {
  const woken = new AbortController();
  const cancelWakeUp = wakeUp?.next(() => woken.abort());
  try {
    await clock.sleep(ms, AbortSignal.any([signal, woken.signal]));
  } catch (error) {
    if (signal.aborted) {
      throw abortedError(signal.reason);
    }
    if (!woken.signal.aborted) {
      throw error;
    }
  } finally {
    cancelWakeUp?.();
  }
}
