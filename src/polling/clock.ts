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

/**
 * Calls `ring` once, after any number of milliseconds; the returned function cancels it. A timer of `node:timers/promises` would create
 * an error with a stack trace for each cancellation: most waits are canceled.
 *
 * @param keepsAlive - whether the process waits for it
 */
function startTimer(ms: number, ring: () => void, keepsAlive: boolean): () => void {
  let timer: NodeJS.Timeout;
  const start = (leftMs: number): void => {
    const isLast = leftMs <= MAX_TIMER_MS;
    timer = setTimeout(isLast ? ring : () => start(leftMs - MAX_TIMER_MS), Math.min(leftMs, MAX_TIMER_MS));
    if (!keepsAlive) {
      timer.unref();
    }
  };
  start(ms);
  return () => clearTimeout(timer);
}

/** Resolves after a timer. Rejects with the signal's reason when it is aborted. */
function sleepUntilAborted(ms: number, signal: AbortSignal, keepsAlive: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = (): void => {
      cancel();
      reject(signal.reason);
    };
    const end = (): void => {
      signal.removeEventListener("abort", abort);
      resolve();
    };
    const cancel = startTimer(ms, end, keepsAlive);
    signal.addEventListener("abort", abort, { once: true });
  });
}

function createClock({ keepsAlive }: { readonly keepsAlive: boolean }): Clock {
  return {
    now: () => performance.now(),
    wallNow: () => Date.now(),
    sleep: (ms, signal) => sleepUntilAborted(ms, signal, keepsAlive),
    alarm: (ms, ring) => (Number.isFinite(ms) ? startTimer(ms, ring, keepsAlive) : () => undefined),
  };
}

/** The system clock. */
export const systemClock = createClock({ keepsAlive: true });

/** The system clock, with timers that do not keep the process alive. */
export const backgroundClock = createClock({ keepsAlive: false });
