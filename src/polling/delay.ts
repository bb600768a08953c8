import { type Clock, systemClock } from "./clock.ts";

/** Returns the delay after an attempt, in milliseconds; `attempt` counts from 1. */
export type DelayPolicy = (attempt: number) => number;

/** The same delay each time. */
export function fixedDelay(ms: number): DelayPolicy {
  return () => ms;
}

/** The attempts in the first second of an eager delay, and the delay after them. */
const FINE_ATTEMPTS = 24;
const FINE_MS = 10 * 1.1 ** FINE_ATTEMPTS;

/**
 * A delay that grows from 10 ms up to a limit, for goals that are often met soon. The goal is detected with a lag of at most a tenth of the
 * time that it took if that is a second, and at most a fifth of a longer time.
 */
export function eagerDelay(limitMs: number): DelayPolicy {
  return (attempt) => {
    const later = attempt - 1 - FINE_ATTEMPTS;
    return Math.min(limitMs, later < 0 ? 10 * 1.1 ** (attempt - 1) : FINE_MS * 1.2 ** later);
  };
}

/**
 * A delay that doubles from 5 ms up to a limit, aligned to a grid that all waits with the same limit share. They check at the same
 * moments, so that their requests can be combined (`SharedRequests`). Alignment changes a delay by up to half, until the limit is reached.
 */
export function alignedDelay(limitMs: number, clock: Clock = systemClock): DelayPolicy {
  const full = growingDelay({ firstMs: 5, limitMs });
  return (attempt) => {
    const step = Math.max(1, full(attempt));
    const untilNext = step - (clock.now() % step);
    return untilNext < step / 2 ? untilNext + step : untilNext;
  };
}

/** Times in milliseconds. */
export interface GrowingDelayOptions {
  readonly firstMs: number;
  readonly limitMs: number;
  /** Default 2. */
  readonly factor?: number;
  /** The random fraction of each delay, from 0 (default) to 1, which spreads the requests of many waits. */
  readonly jitter?: number;
  readonly random?: () => number;
}

/** A delay that grows by a factor up to a limit. */
export function growingDelay({
  firstMs,
  limitMs,
  factor = 2,
  jitter = 0,
  random = Math.random,
}: GrowingDelayOptions): DelayPolicy {
  return (attempt) => {
    const full = Math.min(limitMs, firstMs * factor ** (attempt - 1));
    return full * (1 - jitter * random());
  };
}
