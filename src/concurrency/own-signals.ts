import { OpenValues } from "./open-values.ts";

/**
 * Gives each of many requests a signal of its own that is aborted with a common one.
 *
 * The listeners of a signal are a linked list, and a removed one still refers to the next one. If V8 has moved one of them to the memory of old
 * objects, it keeps all later ones, with their requests, until the next full collection: 130 MiB of an upload of 50 GiB.
 */
export class OwnSignals {
  readonly #common: AbortSignal;
  readonly #open = new OpenValues<AbortController>();
  #count = 0;

  constructor(common: AbortSignal) {
    this.#common = common;
  }

  /** Runs a task with a signal of its own. */
  async run<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#common.throwIfAborted();
    const own = new AbortController();
    const remove = this.#open.add(own);
    this.#count += 1;
    this.#common.addEventListener("abort", this.#abortAll, { once: true });
    try {
      return await task(own.signal);
    } finally {
      remove();
      this.#count -= 1;
      if (this.#count === 0) {
        this.#common.removeEventListener("abort", this.#abortAll);
      }
    }
  }

  readonly #abortAll = (): void => {
    for (const own of this.#open.all()) {
      own.abort(this.#common.reason);
    }
  };
}
