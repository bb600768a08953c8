import type { Clock } from "../../../polling/clock.ts";

/**
 * Notices a wait for bytes that has lasted too long. One sleeper serves a whole connection, because a timer per chunk would cost
 * more than reading the chunk; time in which nobody asks for bytes (the other side of the pipe is slow) does not count.
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
    this.#watch().catch(() => {}); // the sleep's rejection by stop()
  }

  /** Bytes are waited for from now on. */
  waiting(): void {
    this.#waitingSince = this.#clock.now();
  }

  /** Bytes, or the end, have come. */
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
