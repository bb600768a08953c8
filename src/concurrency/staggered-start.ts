/** The number of items that start at the same time, before a pause. */
const BATCH_SIZE = 15;
const PAUSE_MS = 100;

/** Starts work on many items in batches, so that they don't all send requests at the same time. */
export class StaggeredStart {
  readonly #later: (ms: number, callback: () => void) => void;
  #started = 0;

  /** @param later - calls back once, after this many milliseconds */
  constructor(later: (ms: number, callback: () => void) => void) {
    this.#later = later;
  }

  /** Starts with these items. Items of an earlier call that have not started yet are dropped. */
  start<T>(items: readonly T[], each: (item: T) => void): void {
    this.#started += 1;
    this.#startBatch(items, each, this.#started);
  }

  #startBatch<T>(items: readonly T[], each: (item: T) => void, started: number): void {
    if (started !== this.#started) {
      return;
    }
    for (const item of items.slice(0, BATCH_SIZE)) {
      each(item);
    }
    const rest = items.slice(BATCH_SIZE);
    if (rest.length > 0) {
      this.#later(PAUSE_MS, () => this.#startBatch(rest, each, started));
    }
  }
}
