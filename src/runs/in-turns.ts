/** So many at once, and the next ones so many milliseconds later. */
const AT_ONCE = 15;
const EACH_MS = 100;

/** What {@link InTurns} takes. */
export interface InTurnsOptions {
  readonly later: (ms: number, callback: () => void) => void;
}

/** Does something with many, some at a time, so that they don't all ask their services at once. */
export class InTurns {
  readonly #later: InTurnsOptions["later"];
  #begun = 0;

  constructor({ later }: InTurnsOptions) {
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
