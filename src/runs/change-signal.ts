/** Wakes those who wait for a change of any run. */
export class ChangeSignal {
  readonly #waiting = new Set<() => void>();
  readonly #first: () => void;
  #isDue = false;

  /** @param first - called at each change, before anybody wakes */
  constructor(first: () => void) {
    this.#first = first;
  }

  /** Resolves at the next change; rejects with the signal's reason. */
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

  /** Something has changed. Once for all that changes in this turn: a thousand runs may. */
  changed(): void {
    if (this.#isDue) {
      return;
    }
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#first();
      for (const goOn of [...this.#waiting]) {
        goOn();
      }
    });
  }
}
