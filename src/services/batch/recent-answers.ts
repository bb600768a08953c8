import { type Clock, systemClock } from "../../polling/clock.ts";
import { raceAbort } from "../../polling/race-abort.ts";

/**
 * Shares answers about a queue or a job definition among the steps of a client: a thousand runs that start together ask once. A response is
 * used for some time, a failure only by those who wait for it.
 */
export class RecentAnswers<K extends object, T> {
  readonly #keptMs: number;
  readonly #clock: Clock;
  readonly #answers = new WeakMap<K, Map<string, { readonly answer: Promise<T>; readonly until: number }>>();

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
    const answers = this.#answers.get(client) ?? new Map<string, { answer: Promise<T>; until: number }>();
    this.#answers.set(client, answers);
    const now = this.#clock.now();
    let recent = answers.get(key);
    if (recent === undefined || recent.until <= now) {
      // The client has time limits of its own.
      const answer = request(NEVER);
      recent = { answer, until: now + this.#keptMs };
      answers.set(key, recent);
      answer.catch(() => {
        if (answers.get(key)?.answer === answer) {
          answers.delete(key);
        }
      });
    }
    return await raceAbort(recent.answer, signal);
  }
}

const NEVER = new AbortController().signal;
