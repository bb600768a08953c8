/** Lets somebody who knows that something happened end a wait's sleep, so that it looks at once. */
export class WakeUp {
  #listeners = new Set<() => void>();
  #missed = false;

  /** Ends the current sleep, or the next one if nobody sleeps now. */
  now(): void {
    this.#missed = this.#listeners.size === 0;
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }

  /** Calls `listener` at the next wake-up, once; the returned function takes that back. */
  next(listener: () => void): () => void {
    const once = (): void => {
      if (this.#listeners.delete(once)) {
        listener();
      }
    };
    this.#listeners.add(once);
    if (this.#missed) {
      this.#missed = false;
      queueMicrotask(once);
    }
    return () => this.#listeners.delete(once);
  }
}
