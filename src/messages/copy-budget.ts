/** How much of a value may be copied: a count of values, and of the characters in its names and texts. */
export class CopyBudget {
  readonly #mostValues: number;
  readonly #mostCharacters: number;
  #values = 0;
  #characters = 0;

  constructor(limits: { readonly values: number; readonly characters: number }) {
    this.#mostValues = limits.values;
    this.#mostCharacters = limits.characters;
  }

  /** Whether there was one value too many. */
  get isSpent(): boolean {
    return this.#values > this.#mostValues;
  }

  /** Counts a value, and tells whether it may still be copied. */
  takesValue(): boolean {
    this.#values += 1;
    return !this.isSpent;
  }

  /** Tells whether so many characters may still be copied, and counts them if so. */
  takesCharacters(count: number): boolean {
    const fits = this.#characters + count <= this.#mostCharacters;
    this.#characters += fits ? count : 0;
    return fits;
  }
}
