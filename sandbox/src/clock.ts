/** The time of a service, which tests replace. */
export interface Clock {
  /** Milliseconds since 1970. */
  wallNow(): number;
  /** Calls `ring` once, `ms` milliseconds from now; the returned function cancels it. */
  alarm(ms: number, ring: () => void): () => void;
}

/** The maximum delay of `setTimeout`; a longer one would fire immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The system clock. Its alarms do not keep the process alive. */
export const systemClock: Clock = {
  wallNow: () => Date.now(),
  alarm: (ms, ring) => {
    const timer = setTimeout(ring, Math.min(Math.max(ms, 0), MAX_TIMER_MS)).unref();
    return () => clearTimeout(timer);
  },
};
