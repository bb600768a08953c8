import { compareKeys } from "../names.ts";

/** Keys in S3's order. */
export class SortedKeys {
  readonly #keys: string[];

  constructor(keys: Iterable<string> = []) {
    this.#keys = [...keys].sort(compareKeys);
  }

  get size(): number {
    return this.#keys.length;
  }

  at(index: number): string | undefined {
    return this.#keys[index];
  }

  add(key: string): void {
    const at = this.firstFrom(key);
    if (this.#keys[at] !== key) {
      this.#keys.splice(at, 0, key);
    }
  }

  delete(key: string): void {
    const at = this.firstFrom(key);
    if (this.#keys[at] === key) {
      this.#keys.splice(at, 1);
    }
  }

  /** Index of the first key that is not before `key`. */
  firstFrom(key: string): number {
    return this.#search((one) => compareKeys(one, key) < 0);
  }

  /** Index of the first key after all keys with the prefix `prefix`. */
  firstBehind(prefix: string): number {
    return this.#search((one) => one.startsWith(prefix) || compareKeys(one, prefix) < 0);
  }

  #search(isBefore: (key: string) => boolean): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#keys[middle] ?? "")) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
