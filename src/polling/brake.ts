import type { Clock } from "./clock.ts";
import { growingDelay } from "./delay.ts";

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;

/**
 * Slows down all waits on one client together after a service has refused a request because of the request rate. Each refusal in a row doubles
 * the pause, up to a minute. A random half of each pause keeps several processes of an account from sending requests at the same moment.
 */
export class Brake {
  readonly #clock: Clock;
  readonly #pause: (refusals: number) => number;
  #refusals = 0;
  #until = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, random: () => number = Math.random) {
    this.#clock = clock;
    this.#pause = growingDelay({ firstMs: FIRST_PAUSE_MS, limitMs: MAX_PAUSE_MS, jitter: 0.5, random });
  }

  /**
   * A request was refused because of the request rate. Requests that were in flight together count once.
   *
   * @param minMs - the pause that the service has asked for, in milliseconds
   */
  throttled(minMs = 0): void {
    const now = this.#clock.now();
    if (now >= this.#until) {
      this.#refusals += 1;
      this.#until = now + Math.max(minMs, this.#pause(this.#refusals));
    }
  }

  /** A request has succeeded. */
  succeeded(): void {
    if (this.#clock.now() >= this.#until) {
      this.#refusals = 0;
    }
  }

  /** Resolves when the current pause is over. */
  async released(): Promise<void> {
    for (let leftMs = this.#leftMs(); leftMs > 0; leftMs = this.#leftMs()) {
      await this.#clock.sleep(leftMs, NEVER);
    }
  }

  #leftMs(): number {
    return this.#until - this.#clock.now();
  }
}

const NEVER = new AbortController().signal;
