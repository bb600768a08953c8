/** So many at once, and the next ones so many milliseconds later. */
const AT_ONCE = 15;
const EACH_MS = 100;

/** Does something with many, some at a time, so that they don't all ask their services at once. */
export class InTurns {
  readonly #later: (ms: number, callback: () => void) => void;
  #begun = 0;

  /** @param later - calls back once, so many milliseconds later */
  constructor(later: (ms: number, callback: () => void) => void) {
    this.#later = later;
  }

  /** Begins with these; what an earlier call has not come to yet is left to this one. */
  go<T>(all: readonly T[], each: (some: readonly T[]) => void): void {
    this.#begun += 1;
    this.#some(all, each, this.#begun);
  }

  #some<T>(left: readonly T[], each: (some: readonly T[]) => void, begun: number): void {
    if (begun !== this.#begun) {
      return;
    }
    each(left.slice(0, AT_ONCE));
    const rest = left.slice(AT_ONCE);
    if (rest.length > 0) {
      this.#later(EACH_MS, () => this.#some(rest, each, begun));
    }
  }
}
