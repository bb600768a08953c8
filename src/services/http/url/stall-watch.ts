import type { Clock } from "../../../polling/clock.ts";

/**
 * Detects a connection that sends nothing for too long. One timer serves the whole connection, because a timer per chunk would cost
 * more than reading the chunk. Time in which no bytes are requested (the consumer is slow) does not count.
 */
export class StallWatch {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onStall: () => void;
  readonly #stopped = new AbortController();
  #waitingSince: number | undefined;

  constructor(clock: Clock, limitMs: number, onStall: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onStall = onStall;
    this.#watch().catch(() => {}); // stop() rejects the sleep
  }

  /** Starts to wait for bytes. */
  waiting(): void {
    this.#waitingSince = this.#clock.now();
  }

  /** Bytes, or the end of the body, were received. */
  received(): void {
    this.#waitingSince = undefined;
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #watch(): Promise<void> {
    for (;;) {
      const waitedMs = this.#waitedMs();
      if (waitedMs >= this.#limitMs) {
        this.#onStall();
        return;
      }
      await this.#clock.sleep(this.#limitMs - waitedMs, this.#stopped.signal);
    }
  }

  #waitedMs(): number {
    return this.#waitingSince === undefined ? 0 : this.#clock.now() - this.#waitingSince;
  }
}
