/** How much of a value may be copied: a count of values, and of the characters in its names and texts. */
export class CopyBudget {
  readonly #maxValues: number;
  readonly #maxCharacters: number;
  #values = 0;
  #characters = 0;

  constructor(limits: { readonly values: number; readonly characters: number }) {
    this.#maxValues = limits.values;
    this.#maxCharacters = limits.characters;
  }

  /** Whether there was one value too many. */
  get isExceeded(): boolean {
    return this.#values > this.#maxValues;
  }

  /** Counts a value, and tells whether it may still be copied. */
  countValue(): boolean {
    this.#values += 1;
    return !this.isExceeded;
  }

  /** Tells whether so many characters may still be copied, and counts them if so. */
  countCharacters(count: number): boolean {
    const fits = this.#characters + count <= this.#maxCharacters;
    this.#characters += fits ? count : 0;
    return fits;
  }
}
