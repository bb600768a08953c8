/** A set of indices, stored as ranges: most of them follow one another. */
export class IndexSet {
  /** The first and the last index of each range, in ascending order. Between two ranges at least one index is missing. */
  readonly #ranges: number[] = [];

  /** @param ranges - the first and the last index of each range: `[0, 7, 9, 9]` */
  constructor(ranges: readonly number[] = []) {
    for (let at = 0; at + 1 < ranges.length; at += 2) {
      const [first = 0, last = -1] = ranges.slice(at, at + 2);
      if (first <= last) {
        this.#addRange(first, last);
      }
    }
  }

  has(index: number): boolean {
    const at = this.#rangeFrom(index);
    return at >= 0 && index <= (this.#ranges[at + 1] ?? -1);
  }

  add(index: number): void {
    this.#addRange(index, index);
  }

  /** The ranges, as in the constructor. */
  toRanges(): number[] {
    return [...this.#ranges];
  }

  /** Replaces all ranges that a new one touches by one. */
  #addRange(first: number, last: number): void {
    let from = this.#rangeFrom(first);
    if (from < 0 || (this.#ranges[from + 1] ?? -1) < first - 1) {
      from += 2;
    }
    let to = this.#rangeFrom(last + 1);
    to = to < 0 ? 0 : to + 2;
    const touched = this.#ranges.slice(from, to);
    const merged = [Math.min(first, ...touched), Math.max(last, ...touched)];
    this.#ranges.splice(from, touched.length, ...merged);
  }

  /** The position of the last range that begins at an index or before it; -2 if there is none. */
  #rangeFrom(index: number): number {
    let [low, high] = [0, this.#ranges.length / 2];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[2 * middle] ?? 0) <= index) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return 2 * (low - 1);
  }
}
