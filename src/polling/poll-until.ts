import { abortedError, PipelineError } from "../errors/pipeline-error.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { DelayPolicy } from "./delay.ts";
import { sleepOrAbort } from "./sleep-or-abort.ts";
import { timedOutError } from "./timed-out.ts";
import type { WakeUp } from "./wake-up.ts";
import { LimitReached, SINGLE_REQUEST_LIMIT_MS, withinLimit } from "./within-limit.ts";

/**
 * The result of a check: the goal, or the state before it. `wait` completes the sentence "The last state was: ..." (`pending`,
 * `no SSM agent Online on i-...`), without a full stop. If the goal can no longer be met, the check throws.
 */
export type PollResult<T> = { readonly done: T } | { readonly wait: string };

/** A check, as reported to `onAttempt`. */
export interface PollAttempt {
  /** Counts from 1. */
  readonly attempt: number;
  readonly state: string;
  readonly elapsedMs: number;
}

export interface PollUntilOptions<T> {
  /** The goal of the wait; completes "Waited 15 min for ...". */
  readonly goal: string;
  /**
   * Checks once. A retryable error means that the wait continues; any other error ends it. The signal is aborted with the signal of the
   * wait, and at the time limit. The result of a check that ignores the signal is ignored.
   */
  readonly check: (signal: AbortSignal) => Promise<PollResult<T>>;
  readonly delay: DelayPolicy;
  /** Time limit of the whole wait in milliseconds; `Infinity` for no limit; 0 for a single check, which may take 10 s. */
  readonly timeoutMs: number;
  /**
   * How long the wait has lasted already, in milliseconds: in a previous process, and since its end. The limit includes it, but not before
   * one check has got an answer, if that takes a minute at most. Default: 0.
   */
  readonly waitedMs?: number;
  readonly signal: AbortSignal;
  /**
   * Whether to wait for the end of a running check even after the limit or an abort, because the result of its side effect must be known.
   * Such a check needs its own time limit. Default: false.
   */
  readonly finishChecks?: boolean;
  /** Ends a sleep, and starts the delays over, because the goal is near. */
  readonly wakeUp?: WakeUp;
  readonly clock?: Clock;
  readonly onAttempt?: (attempt: PollAttempt) => void;
}

/** Timers may fire up to a millisecond early. */
const TIMER_PRECISION_MS = 1;
/** How long a wait that continues after its limit tries to get an answer: when a machine has just started, its network may not be up. */
const ANSWERS_WITHIN_MS = 60_000;

/**
 * The loop behind every wait: checks, reports and sleeps until the goal is met. The limit includes the duration of checks: a check without a response
 * is aborted at the limit. The last check, which starts at the limit, may take a tenth of it (100 ms to 5 s).
 *
 * @returns the `done` of the last check
 * @throws PipelineError `TIMED_OUT` (with the last state, and the error of the last check as cause) or `ABORTED`; or the error of `check`
 */
export async function pollUntil<T>(options: PollUntilOptions<T>): Promise<T> {
  const { goal, delay, timeoutMs, waitedMs = 0, signal, wakeUp, clock = systemClock, onAttempt } = options;
  const minCheckMs = timeoutMs > waitedMs ? Math.min(5000, Math.max(100, timeoutMs / 10)) : SINGLE_REQUEST_LIMIT_MS;
  const startedAt = clock.now() - waitedMs;
  const answersBy = waitedMs > 0 ? clock.now() + ANSWERS_WITHIN_MS : startedAt;
  let state: string | undefined;
  let attemptsBefore = 0;
  for (let attempt = 1; ; attempt += 1) {
    const result = await checkOnce(options, clock, Math.max(minCheckMs, startedAt + timeoutMs - clock.now()));
    if ("done" in result) {
      return result.done;
    }
    const elapsedMs = clock.now() - startedAt;
    state = result.wait ?? state;
    onAttempt?.({ attempt, state: result.wait ?? `unknown (${result.error?.message})`, elapsedMs });
    const isUnanswered = state === undefined;
    const leftMs = Math.max(timeoutMs - elapsedMs, isUnanswered ? answersBy - clock.now() : 0);
    if (leftMs < TIMER_PRECISION_MS) {
      throw timedOutError({ goal, state, elapsedMs, attempts: attempt, error: result.error });
    }
    const pauseMs = Math.min(delay(attempt - attemptsBefore), leftMs);
    if (await sleepOrAbort(clock, pauseMs, signal, wakeUp)) {
      attemptsBefore = attempt;
    }
  }
}

type CheckResult<T> =
  | { readonly done: T }
  | { readonly wait: string; readonly error?: undefined }
  | { readonly wait?: undefined; readonly error: PipelineError | LimitReached };

async function checkOnce<T>(
  { check, signal, finishChecks = false }: PollUntilOptions<T>,
  clock: Clock,
  limitMs: number,
): Promise<CheckResult<T>> {
  try {
    signal.throwIfAborted();
    return finishChecks ? await check(signal) : await withinLimit({ work: check, limitMs, signal, clock });
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
