export interface GatheredNewsOptions {
  readonly publish: () => void;
  /** Calls back once, so many milliseconds later. */
  readonly later: (ms: number, callback: () => void) => void;
}

/** What changes at once (a step ends, the next one begins) is told at once. */
const GATHER_MS = 50;
/** At most two news per second. */
const PAUSE_MS = 500;

/** Tells that something has changed, but not too often: a step can log a thousand lines a second. */
export class GatheredNews {
  readonly #options: GatheredNewsOptions;
  #hasChanged = false;
  #isPausing = false;

  constructor(options: GatheredNewsOptions) {
    this.#options = options;
  }

  changed(): void {
    this.#hasChanged = true;
    if (!this.#isPausing) {
      this.#pause(GATHER_MS);
    }
  }

  #pause(ms: number): void {
    this.#isPausing = true;
    this.#options.later(ms, () => {
      this.#isPausing = false;
      if (this.#hasChanged) {
        this.#hasChanged = false;
        this.#options.publish();
        this.#pause(PAUSE_MS);
      }
    });
  }
}
