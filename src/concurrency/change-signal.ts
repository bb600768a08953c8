/** Lets steps wait for a change of any run. */
export class ChangeSignal {
  readonly #waiting = new Set<() => void>();
  readonly #beforeAll: () => void;
  #isDue = false;

  /** @param beforeAll - called at each change, before the waiting steps continue */
  constructor(beforeAll: () => void) {
    this.#beforeAll = beforeAll;
  }

  /** Resolves at the next change. Rejects with the signal's reason. */
  next(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = (): void => reject(signal.reason);
    this.#waiting.add(resolve);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) {
      abort();
    }
    return promise.finally(() => {
      this.#waiting.delete(resolve);
      signal.removeEventListener("abort", abort);
    });
  }

  /** A run has changed. All changes in one turn of the event loop count as one, because a thousand runs may change together. */
  changed(): void {
    if (this.#isDue) {
      return;
    }
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#beforeAll();
      for (const resume of [...this.#waiting]) {
        resume();
      }
    });
  }
}
