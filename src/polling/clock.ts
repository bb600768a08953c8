import { setTimeout as sleepFor } from "node:timers/promises";

/** The source of time for waits; tests replace it. */
export interface Clock {
  /**
   * Milliseconds since some fixed moment, for time spans within this process: it only goes forward, even if the machine's date is
   * changed. It can't be compared with that of another process or machine.
   */
  now(): number;
  /**
   * Milliseconds since 1970 by the machine's date, for comparison with the times of AWS, of records and of other processes. It can
   * jump, so no limit depends on it.
   */
  wallNow(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls `ring` once, `ms` milliseconds from now (never for `Infinity`); the returned function cancels it. */
  alarm(ms: number, ring: () => void): () => void;
}

/** A timer takes no more than 2^31 - 1 ms (24.8 days): anything above fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. */
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
