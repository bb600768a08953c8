/** Ends the sleep of a wait, so that it checks immediately. For events after which the goal may be met. */
export class WakeUp {
  #listeners = new Set<() => void>();
  #missed = false;

  /** Ends the current sleep, or the next one if there is none. */
  now(): void {
    this.#missed = this.#listeners.size === 0;
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }

  /** Calls `listener` at the next wake-up, once; the returned function unsubscribes it. */
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
