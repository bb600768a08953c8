import { abortedError, PipelineError } from "../errors/pipeline-error.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { DelayPolicy } from "./delay.ts";
import type { WakeUp } from "./wake-up.ts";

/** What one look found: the goal, or the state it is still in. A goal that can't be met any more is thrown. */
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
  /** Looks once. An error that it throws with `retryable` set counts as "still waiting"; any other ends the wait. */
  readonly check: (signal: AbortSignal) => Promise<PollResult<T>>;
  readonly delay: DelayPolicy;
  /** Limit of the whole wait in milliseconds; `Infinity` for none. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly wakeUp?: WakeUp;
  readonly clock?: Clock;
  readonly onAttempt?: (attempt: PollAttempt) => void;
}

/**
 * The one loop behind every wait: looks, reports, sleeps, until the goal is met.
 *
 * @returns what `check` found
 * @throws PipelineError `TIMED_OUT` (with the last state, and the last retryable error as cause) or `ABORTED`; or what `check` threw
 */
export async function pollUntil<T>(options: PollOptions<T>): Promise<T> {
  const { goal, check, delay, timeoutMs, signal, wakeUp, clock = systemClock, onAttempt } = options;
  const startedAt = clock.now();
  for (let attempt = 1; ; attempt += 1) {
    const look = await lookOnce(check, signal);
    if ("done" in look) {
      return look.done;
    }
    const elapsedMs = clock.now() - startedAt;
    onAttempt?.({ attempt, state: look.wait, elapsedMs });
    const leftMs = timeoutMs - elapsedMs;
    if (leftMs <= 0) {
      throw new PipelineError("TIMED_OUT", `Waited ${spoken(timeoutMs)} for ${goal}; it is still ${look.wait}.`, {
        retryable: false,
        details: { state: look.wait, elapsedMs, attempts: attempt },
        cause: look.error,
      });
    }
    await sleepOrWake(Math.min(delay(attempt), leftMs), signal, clock, wakeUp);
  }
}

type Look<T> = { readonly done: T } | { readonly wait: string; readonly error?: PipelineError };

async function lookOnce<T>(check: PollOptions<T>["check"], signal: AbortSignal): Promise<Look<T>> {
  try {
    signal.throwIfAborted();
    return await check(signal);
  } catch (error) {
    if (signal.aborted) {
      throw abortedError(signal.reason);
    }
    if (error instanceof PipelineError && error.retryable) {
      return { wait: `unknown (${error.message})`, error };
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

/** A time span as people say it: `45 s`, `15 min`, `48 h`. */
export function spoken(ms: number): string {
  if (ms < 999.5) {
    return `${Math.round(ms)} ms`;
  }
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) {
    return `${seconds} s`;
  }
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`;
}
