import { deepEqual, equal } from "node:assert/strict";
import { IndexSet } from "../../../src/runs/steps/index-set.ts";
import { randomOf } from "../../journal/operations.ts";

describe("a set of indices", () => {
  it("joins indices that follow one another to ranges, in whichever order they come", () => {
    const set = new IndexSet();
    for (const index of [5, 1, 0, 3, 2, 9, 5]) {
      set.add(index);
    }
    deepEqual(set.toRanges(), [0, 3, 5, 5, 9, 9]);
    deepEqual(
      [0, 3, 4, 5, 6, 9, 10].map((index) => set.has(index)),
      [true, true, false, true, false, true, false],
    );
  });

  it("is restored from its ranges, even if they overlap or are empty", () => {
    deepEqual(new IndexSet([5, 3, 0, 2, 1, 9, 11]).toRanges(), [0, 9]);
  });

  it("has the same indices as a plain set", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = randomOf(seed);
      const [set, plain] = [new IndexSet(), new Set<number>()];
      for (let count = random(60); count > 0; count -= 1) {
        const index = random(40);
        set.add(index);
        plain.add(index);
      }
      for (let index = 0; index < 40; index += 1) {
        equal(set.has(index), plain.has(index), `seed ${seed}, index ${index}`);
        equal(new IndexSet(set.toRanges()).has(index), plain.has(index), `seed ${seed}, index ${index}`);
      }
    }
  });
});
