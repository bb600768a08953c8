/**
 * A few values that come and go often, such as requests in flight.
 *
 * It is not a Set: after some additions a Set gets a new table, and the old one refers to it. If V8 has moved one of them to the memory of old
 * objects, it keeps all later tables, and what was in them, until the next full collection.
 */
export class OpenValues<T extends object> {
  readonly #values: Array<T | undefined> = [];

  /** @returns removes the value */
  add(value: T): () => void {
    const free = this.#values.indexOf(undefined);
    const at = free < 0 ? this.#values.length : free;
    this.#values[at] = value;
    return () => {
      this.#values[at] = undefined;
    };
  }

  all(): T[] {
    return this.#values.filter((value) => value !== undefined);
  }
}
