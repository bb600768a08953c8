/** Limits how much is copied: the number of values, and the number of characters in names and strings. */
export class CopyBudget {
  readonly #maxValues: number;
  readonly #maxCharacters: number;
  #values = 0;
  #characters = 0;
  #hasRefused = false;

  constructor(limits: { readonly values: number; readonly characters: number }) {
    this.#maxValues = limits.values;
    this.#maxCharacters = limits.characters;
  }

  /** Whether the number of values has exceeded its limit. */
  get isExceeded(): boolean {
    return this.#values > this.#maxValues;
  }

  /** Whether something did not fit. */
  get isUsedUp(): boolean {
    return this.isExceeded || this.#hasRefused;
  }

  /** Counts a value. Returns whether it may still be copied. */
  countValue(): boolean {
    this.#values += 1;
    return !this.isExceeded;
  }

  /** Returns whether this number of characters may still be copied, and counts them if so. */
  countCharacters(count: number): boolean {
    const fits = this.#characters + count <= this.#maxCharacters;
    this.#characters += fits ? count : 0;
    this.#hasRefused ||= !fits;
    return fits;
  }
}
