import type { Brake } from "./brake.ts";
import type { Clock } from "./clock.ts";

/** Requests per poll interval, however many waits share them. */
const PER_INTERVAL = 3;
/** Requests that may follow each other without a pause: the first checks of a wait are frequent, and so are those after a wake-up. */
const BURST = 60;

/**
 * Bounds the rate of the requests of many waits: three per poll interval, after a burst of sixty. The rate does not grow with the number
 * of waits; each of them is checked less often instead. It is a token bucket in the form of the generic cell rate algorithm.
 */
export class Pace {
  readonly #stepMs: number;
  readonly #brake: Brake;
  readonly #clock: Clock;
  /** When the bucket is full again. */
  #fullAt = Number.NEGATIVE_INFINITY;

  /** @param everyMs - the poll interval of the waits, in milliseconds */
  constructor(everyMs: number, brake: Brake, clock: Clock) {
    this.#stepMs = everyMs / PER_INTERVAL;
    this.#brake = brake;
    this.#clock = clock;
  }

  /** Resolves when the next request may be sent, in the order of the calls. */
  async turn(): Promise<void> {
    const now = this.#clock.now();
    const at = Math.max(now, this.#fullAt - (BURST - 1) * this.#stepMs);
    this.#fullAt = Math.max(at, this.#fullAt) + this.#stepMs;
    if (at > now) {
      await this.#clock.sleep(at - now, NEVER);
    }
    await this.#brake.released();
  }
}

const NEVER = new AbortController().signal;
