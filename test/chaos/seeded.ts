import { createHash } from "node:crypto";
import { seededRandom } from "lightly-aws-sandbox/random";

/** Random choices that depend only on seed and name. */
export class Choices {
  readonly #random: () => number;

  constructor(seed: number, ...names: ReadonlyArray<string | number>) {
    const text = [seed, ...names].join("/");
    this.#random = seededRandom(createHash("sha256").update(text).digest().readUInt32BE(0));
  }

  /** From `from` up to, not including, `to`. */
  number(from: number, to: number): number {
    return from + this.#random() * (to - from);
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return Math.floor(this.number(from, to + 1));
  }

  one<T>(list: readonly T[]): T {
    const chosen = list[this.whole(0, list.length - 1)];
    if (chosen === undefined) {
      throw new Error("There is nothing to choose from.");
    }
    return chosen;
  }

  /** The same things in another order. */
  shuffled<T>(list: readonly T[]): T[] {
    return list
      .map((item) => ({ item, at: this.#random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  }
}
