/** A set of indices, stored as ranges: most of them follow one another. */
export class IndexSet {
  readonly #indices: Set<number>;

  /** @param ranges - the first and the last index of each range: `[0, 7, 9, 9]` */
  constructor(ranges: readonly number[] = []) {
    this.#indices = new Set();
    for (let at = 0; at + 1 < ranges.length; at += 2) {
      const [first = 0, last = -1] = ranges.slice(at, at + 2);
      for (let index = first; index <= last; index += 1) {
        this.#indices.add(index);
      }
    }
  }

  has(index: number): boolean {
    return this.#indices.has(index);
  }

  add(index: number): void {
    this.#indices.add(index);
  }

  /** The ranges in ascending order, as in the constructor. */
  toRanges(): number[] {
    const ranges: number[] = [];
    for (const index of [...this.#indices].sort((a, b) => a - b)) {
      if (ranges.at(-1) === index - 1) {
        ranges[ranges.length - 1] = index;
      } else {
        ranges.push(index, index);
      }
    }
    return ranges;
  }
}
