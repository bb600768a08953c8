import { setTimeout as sleepFor } from "node:timers/promises";

/** The source of time for waits; tests replace it. */
export interface Clock {
  /**
   * Monotonic time in milliseconds, for durations within this process: changes of the system date do not affect it. It can't be compared
   * with the time of another process or machine.
   */
  now(): number;
  /**
   * Milliseconds since 1970 by the system date, for comparison with the times of AWS, of records and of other processes. It can jump, so
   * no time limit may depend on it.
   */
  wallNow(): number;
  /** Resolves after `ms` milliseconds. Rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls `ring` once, `ms` milliseconds from now (never for `Infinity`); the returned function cancels it. */
  alarm(ms: number, ring: () => void): () => void;
}

/** The maximum delay of a timer is 2^31 - 1 ms (24.8 days). A timer with a longer delay fires immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The system clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  sleep: async (ms, signal) => {
    signal.throwIfAborted();
    try {
      let left = ms;
      do {
        await sleepFor(Math.min(left, MAX_TIMER_MS), undefined, { signal });
        left -= MAX_TIMER_MS;
      } while (left > 0);
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    }
  },
  alarm: (ms, ring) => {
    const done = new AbortController();
    if (Number.isFinite(ms)) {
      systemClock.sleep(ms, done.signal).then(ring, () => undefined);
    }
    return () => done.abort();
  },
};
