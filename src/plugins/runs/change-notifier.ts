export interface ChangeNotifierOptions {
  readonly publish: () => void;
  /** Calls back once, after the given number of milliseconds. */
  readonly later: (ms: number, callback: () => void) => void;
}

/** Changes that happen together (a step ends, the next one starts) make one notification. */
const GATHER_MS = 50;
/** At most two notifications per second. */
const PAUSE_MS = 500;

/** Notifies that something has changed, at a limited rate: a step can log a thousand lines per second. */
export class ChangeNotifier {
  readonly #options: ChangeNotifierOptions;
  #hasChanged = false;
  #isPausing = false;

  constructor(options: ChangeNotifierOptions) {
    this.#options = options;
  }

  notify(): void {
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
