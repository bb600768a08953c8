import type { Clock } from "../../src/polling/clock.ts";

/** A clock on which every sleep is over at once, and moves the time on by its length. */
export class FakeClock implements Clock {
  readonly slept: number[] = [];
  #now: number;
  readonly #events: Array<{ at: number; run: () => void }> = [];

  constructor(now = 1_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Has something happen while somebody sleeps past a moment, given in milliseconds from now. */
  at(inMs: number, run: () => void): void {
    this.#events.push({ at: this.#now + inMs, run });
    this.#events.sort((one, other) => one.at - other.at);
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.slept.push(ms);
    const end = this.#now + ms;
    for (let event = this.#events[0]; event && event.at <= end; event = this.#events[0]) {
      this.#events.shift();
      this.#now = event.at;
      event.run();
      // A wake-up that was missed arrives in a microtask.
      await Promise.resolve();
      signal.throwIfAborted();
    }
    await Promise.resolve();
    signal.throwIfAborted();
    this.#now = end;
  }
}

/** A clock that stands still until it is told to move, for several sleepers at once. */
export class ManualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<{ at: number; wake: () => void }>();

  constructor(now = 1_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** How many sleep now. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  /** Moves the time on and wakes everybody whose sleep is over by then. */
  advance(ms: number): void {
    this.#now += ms;
    for (const sleeper of [...this.#sleepers].filter(({ at }) => at <= this.#now)) {
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { at: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      });
    });
  }
}
