import type { Clock } from "../../src/polling/clock.ts";

interface Timer {
  readonly at: number;
  readonly ring: () => void;
  readonly isSleep: boolean;
}

export interface FakeClockOptions {
  /** Its first moment. */
  readonly now?: number;
  /** Sleeps of this length and more end only by `advance`. Default: none, every sleep is over at once. */
  readonly manualFromMs?: number;
}

/** A clock whose time moves by the sleeps that are over at once, and by `advance`. */
export class FakeClock implements Clock {
  /** The sleeps that were over at once. */
  readonly slept: number[] = [];
  /** How far the machine's date is ahead of `now`: a test sets it to move the date alone. */
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

  /** How many sleeps wait for `advance`. */
  get sleepers(): number {
    return [...this.#timers].filter(({ isSleep }) => isSleep).length;
  }

  /** How many alarms are set. */
  get alarms(): number {
    return this.#timers.size - this.sleepers;
  }

  /** Moves the time and ends everything that is due by then. */
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
      // A wake-up that was missed arrives in a microtask.
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

  /** What is due at a moment, the earliest first. */
  #due(moment: number): Timer[] {
    return [...this.#timers].filter(({ at }) => at <= moment).sort((one, other) => one.at - other.at);
  }
}

/** A clock on which sleeps of `fromMs` and more end only by `advance`. */
export function manualClock(fromMs = 0): FakeClock {
  return new FakeClock({ manualFromMs: fromMs });
}
