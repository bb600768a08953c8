import type { Clock } from "../../src/polling/clock.ts";

interface Timer {
  readonly at: number;
  readonly ring: () => void;
  readonly isSleep: boolean;
}

export interface FakeClockOptions {
  /** Its start time. */
  readonly now?: number;
  /** Sleeps of this length and more end only by `advance`. Default: every sleep ends immediately. */
  readonly manualFromMs?: number;
}

/** A clock whose time advances with sleeps that end immediately, and with `advance`. */
export class FakeClock implements Clock {
  /** The sleeps that ended immediately. */
  readonly slept: number[] = [];
  /** The offset of the system date from `now`: a test sets it to change only the date. */
  wallOffsetMs = 0;
  #now: number;
  readonly #manualFromMs: number;
  readonly #timers = new Set<Timer>();

  constructor({ now = 1_000_000, manualFromMs = Number.POSITIVE_INFINITY }: FakeClockOptions = {}) {
    this.#now = now;
    this.#manualFromMs = manualFromMs;
  }

  readonly now = (): number => this.#now;

  readonly wallNow = (): number => this.#now + this.wallOffsetMs;

  readonly alarm = (ms: number, ring: () => void): (() => void) => this.#set(ms, ring, false);

  /** The number of sleeps that wait for `advance`. */
  get sleepers(): number {
    return [...this.#timers].filter(({ isSleep }) => isSleep).length;
  }

  /** The number of active alarms. */
  get alarms(): number {
    return this.#timers.size - this.sleepers;
  }

  /** Advances the time, and ends everything that is due. */
  advance(ms: number): void {
    this.#now += ms;
    for (const timer of this.#due(this.#now)) {
      this.#ring(timer);
    }
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (ms >= this.#manualFromMs) {
      return this.#sleepUntilAdvanced(ms, signal);
    }
    this.slept.push(ms);
    const end = this.#now + ms;
    for (let [timer] = this.#due(end); timer; [timer] = this.#due(end)) {
      this.#now = timer.at;
      this.#ring(timer);
      // A missed wake-up arrives in a microtask.
      await Promise.resolve();
      signal.throwIfAborted();
    }
    await Promise.resolve();
    signal.throwIfAborted();
    this.#now = end;
  }

  #sleepUntilAdvanced(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#set(ms, resolve, true);
      signal.addEventListener("abort", () => {
        cancel();
        reject(signal.reason);
      });
    });
  }

  #set(ms: number, ring: () => void, isSleep: boolean): () => void {
    const timer = { at: this.#now + ms, ring, isSleep };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  #ring(timer: Timer): void {
    // An earlier one may have canceled it.
    if (this.#timers.delete(timer)) {
      timer.ring();
    }
  }

  /** The due sleeps and alarms, the earliest first. */
  #due(moment: number): Timer[] {
    return [...this.#timers].filter(({ at }) => at <= moment).sort((one, other) => one.at - other.at);
  }
}

/** A clock on which sleeps of `fromMs` and more end only by `advance`. */
export function manualClock(fromMs = 0): FakeClock {
  return new FakeClock({ manualFromMs: fromMs });
}
