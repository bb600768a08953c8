import type { Clock } from "../../../src/polling/clock.ts";

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now = 1_000_000;
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#now;
  }

  alarm(ms: number, ring: () => void): () => void {
    const sleeper: Sleeper = { until: this.#now + ms, wake: ring };
    this.#sleepers.add(sleeper);
    return () => this.#sleepers.delete(sleeper);
  }

  /** How many sleep. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const sleeper: Sleeper = { until: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      });
    });
  }

  /** Moves time on and wakes whoever slept until then. */
  advance(ms: number): void {
    this.#now += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.until <= this.#now) {
        this.#sleepers.delete(sleeper);
        sleeper.wake();
      }
    }
  }
}

/** A clock whose delays are over at once, noted in `slept`; waits of `longMs` and more (stall limits) never end by themselves. */
export class HastyClock extends ManualClock {
  readonly slept: number[] = [];
  readonly #longMs: number;

  constructor(longMs = 30_000) {
    super();
    this.#longMs = longMs;
  }

  override async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (ms >= this.#longMs) {
      return super.sleep(ms, signal);
    }
    this.slept.push(ms);
    this.advance(ms);
  }
}
