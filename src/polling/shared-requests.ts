import { setTimeout as sleepFor } from "node:timers/promises";
import { abortedError } from "../errors/pipeline-error.ts";

/** How long questions are collected before they go out together, in milliseconds. Timers of one moment fire that close to each other. */
const COLLECT_MS = 4;

/** What {@link SharedRequests} needs to know about the service that it asks. */
export interface SharedRequestsOptions<V> {
  /** Asks for all keys at once; keys that the service does not know may be absent from the answer. */
  readonly request: (keys: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, V>>;
  /** Whether this failure is one key's fault, so that other callers' keys deserve a request of their own. */
  readonly isOneKeysFault: (error: unknown) => boolean;
  /** Most keys in one request. */
  readonly limit: number;
}

interface Question<V> {
  readonly keys: readonly string[];
  readonly signal: AbortSignal;
  readonly answer: (values: ReadonlyMap<string, V>) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Lets many waits share their requests: what is asked within one moment goes out as one request. A caller that is aborted leaves the
 * others alone, and so does one whose key is wrong.
 */
export class SharedRequests<V> {
  readonly #options: SharedRequestsOptions<V>;
  #collected: Question<V>[] = [];

  constructor(options: SharedRequestsOptions<V>) {
    this.#options = options;
  }

  /**
   * Asks for some keys, at most {@link SharedRequestsOptions.limit}.
   *
   * @returns the values of the keys that the service knows
   * @throws what the request threw, or PipelineError `ABORTED`
   */
  ask(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, V>> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(abortedError(signal.reason));
        return;
      }
      const leave = (): void => reject(abortedError(signal.reason));
      signal.addEventListener("abort", leave, { once: true });
      const settle = (): void => signal.removeEventListener("abort", leave);
      this.#collected.push({
        keys,
        signal,
        answer: (values) => {
          settle();
          resolve(values);
        },
        fail: (error) => {
          settle();
          reject(error);
        },
      });
      if (this.#collected.length === 1) {
        void this.#sendCollected();
      }
    });
  }

  async #sendCollected(): Promise<void> {
    await sleepFor(COLLECT_MS);
    const questions = this.#collected.filter(({ signal }) => !signal.aborted);
    this.#collected = [];
    await Promise.all(this.#pack(questions).map((batch) => this.#send(batch)));
  }

  /** Fills requests up to the limit without dividing a question. */
  #pack(questions: readonly Question<V>[]): Question<V>[][] {
    const batches: Array<{ keys: Set<string>; questions: Question<V>[] }> = [];
    for (const question of questions) {
      const fitting = batches.find(({ keys }) => new Set([...keys, ...question.keys]).size <= this.#options.limit);
      const batch = fitting ?? { keys: new Set<string>(), questions: [] };
      for (const key of question.keys) {
        batch.keys.add(key);
      }
      batch.questions.push(question);
      if (!fitting) {
        batches.push(batch);
      }
    }
    return batches.map((batch) => batch.questions);
  }

  async #send(questions: readonly Question<V>[]): Promise<void> {
    const keys = [...new Set(questions.flatMap((question) => question.keys))];
    const { signal, release } = watchAll(questions.map((question) => question.signal));
    try {
      const values = await this.#options.request(keys, signal);
      for (const { keys: own, answer } of questions) {
        answer(new Map([...values].filter(([key]) => own.includes(key))));
      }
    } catch (error) {
      if (questions.length > 1 && this.#options.isOneKeysFault(error)) {
        await Promise.all(questions.map((question) => this.#send([question])));
        return;
      }
      for (const { fail } of questions) {
        fail(error);
      }
    } finally {
      release();
    }
  }
}

/** A signal that is aborted once every one of `signals` is: a request ends early only when nobody wants its answer any more. */
function watchAll(signals: readonly AbortSignal[]): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const look = (): void => {
    if (signals.every(({ aborted }) => aborted)) {
      controller.abort(signals[0]?.reason);
    }
  };
  for (const signal of signals) {
    signal.addEventListener("abort", look, { once: true });
  }
  const release = (): void => {
    for (const signal of signals) {
      signal.removeEventListener("abort", look);
    }
  };
  return { signal: controller.signal, release };
}
