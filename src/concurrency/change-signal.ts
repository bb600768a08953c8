interface Waiting {
  readonly isReady: () => boolean;
  readonly resume: () => void;
}

/** Lets steps wait until changes of runs have made something true. */
export class ChangeSignal {
  readonly #waiting = new Set<Waiting>();
  readonly #beforeAll: () => void;
  #isDue = false;
  #version = 0;

  /** @param beforeAll - called at each change, before the waiting steps continue */
  constructor(beforeAll: () => void) {
    this.#beforeAll = beforeAll;
  }

  /** A number that is different after each change. */
  get version(): number {
    return this.#version;
  }

  /** Resolves when `isReady` returns true after a change; then it may be false again already. Rejects with the signal's reason. */
  async changedTo(isReady: () => boolean, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { isReady, resume: resolve };
    const abort = (): void => reject(signal.reason);
    this.#waiting.add(waiting);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) {
      abort();
    }
    try {
      await promise;
    } finally {
      this.#waiting.delete(waiting);
      signal.removeEventListener("abort", abort);
    }
  }

  /** A run has changed. All changes in one turn of the event loop count as one, because a thousand runs may change together. */
  changed(): void {
    this.#version += 1;
    if (this.#isDue) {
      return;
    }
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#beforeAll();
      for (const { isReady, resume } of [...this.#waiting]) {
        if (isReady()) {
          resume();
        }
      }
    });
  }
}
