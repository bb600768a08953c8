import { setTimeout as sleepFor } from "node:timers/promises";

/** Time as the polling loop sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A timer takes no more than 2^31 - 1 ms (24.8 days): anything above fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    signal.throwIfAborted();
    try {
      let left = ms;
      do {
        await sleepFor(Math.min(left, LONGEST_TIMER_MS), undefined, { signal });
        left -= LONGEST_TIMER_MS;
      } while (left > 0);
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    }
  },
};
