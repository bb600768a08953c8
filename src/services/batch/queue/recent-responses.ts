import { type Clock, systemClock } from "../../../polling/clock.ts";
import { raceAbort } from "../../../polling/race-abort.ts";

/**
 * Shares responses about a queue or a job definition among the steps of a client: a thousand runs that start together ask once. A response is
 * used for some time, a failure only by those who wait for it.
 */
export class RecentResponses<K extends object, T> {
  readonly #keptMs: number;
  readonly #clock: Clock;
  readonly #responses = new WeakMap<K, Map<string, { readonly response: Promise<T>; readonly until: number }>>();

  /** @param keptMs - how long a response is used, in milliseconds */
  constructor(keptMs: number, clock: Clock = systemClock) {
    this.#keptMs = keptMs;
    this.#clock = clock;
  }

  /**
   * Returns a recent response, or requests one. An abort of one caller does not affect the others.
   *
   * @throws the error of `request`; PipelineError `ABORTED`
   */
  async get(client: K, key: string, signal: AbortSignal, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const responses = this.#responses.get(client) ?? new Map<string, { response: Promise<T>; until: number }>();
    this.#responses.set(client, responses);
    const now = this.#clock.now();
    let recent = responses.get(key);
    if (recent === undefined || recent.until <= now) {
      // The client has time limits of its own.
      const response = request(NEVER);
      recent = { response, until: now + this.#keptMs };
      responses.set(key, recent);
      response.catch(() => {
        if (responses.get(key)?.response === response) {
          responses.delete(key);
        }
      });
    }
    return await raceAbort(recent.response, signal);
  }
}

const NEVER = new AbortController().signal;
