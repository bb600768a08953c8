import type { Clock } from "../../src/polling/clock.ts";

/** A clock on which every sleep is over at once, and moves the time on by its length. */
export class FakeClock implements Clock {
  readonly slept: number[] = [];
  /** How far the machine's date is ahead of `now`: a test sets it to move the date alone. */
  wallOffsetMs = 0;
  #now: number;
  readonly #events: Array<{ at: number; run: () => void }> = [];

  constructor(now = 1_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#now + this.wallOffsetMs;
  }

  alarm(ms: number, ring: () => void): () => void {
    const event = { at: this.#now + ms, run: ring };
    this.#events.push(event);
    return () => {
      const index = this.#events.indexOf(event);
      if (index >= 0) {
        this.#events.splice(index, 1);
      }
    };
  }

  /** Has something happen while somebody sleeps past a moment, given in milliseconds from now. */
  at(inMs: number, run: () => void): void {
    this.#events.push({ at: this.#now + inMs, run });
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.slept.push(ms);
    const end = this.#now + ms;
    for (let event = this.#next(end); event; event = this.#next(end)) {
      this.#events.splice(this.#events.indexOf(event), 1);
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

  /** The first event until `end`. */
  #next(end: number): { at: number; run: () => void } | undefined {
    return this.#events.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
  }
}

/** A clock that stands still until it is told to move, for several sleepers at once. */
export class ManualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<{ at: number; wake: () => void }>();
  readonly #alarms = new Set<{ at: number; ring: () => void }>();

  constructor(now = 1_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#now;
  }

  alarm(ms: number, ring: () => void): () => void {
    const alarm = { at: this.#now + ms, ring };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** How many sleep now. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  /** How many alarms are set now. */
  get alarms(): number {
    return this.#alarms.size;
  }

  /** Moves the time on and wakes everybody whose sleep is over by then. */
  advance(ms: number): void {
    this.#now += ms;
    for (const sleeper of [...this.#sleepers].filter(({ at }) => at <= this.#now)) {
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
    for (const alarm of [...this.#alarms].filter(({ at }) => at <= this.#now)) {
      this.#alarms.delete(alarm);
      alarm.ring();
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
