import assert from "node:assert/strict";
import { nearestSelected } from "../../../src/worker/selection/nearest-selected.ts";
import { selectGreedily } from "../../../src/worker/selection/select-greedily.ts";
import { balance } from "../../../src/worker/selection/strategies/balance.ts";
import { diversity } from "../../../src/worker/selection/strategies/diversity.ts";
import type { Strategy } from "../../../src/worker/selection/strategies/strategy.ts";
import { weights } from "../../../src/worker/selection/strategies/weights.ts";
import { similarity, typicality } from "../../../src/worker/selection/typicality.ts";
import { toRows } from "../../../src/worker/selection/vector-rows.ts";

const line = (...places: number[]) => nearestSelected(toRows(places.map((place) => [place])));
const pick = (count: number, limit: number, strategies: Strategy[], nearest = line(), preselected: number[] = []) =>
  selectGreedily({
    candidates: Array.from({ length: count }, (_, index) => index).filter((index) => !preselected.includes(index)),
    preselected,
    limit,
    strategies,
    nearest,
  }).map(({ index }) => index);

describe("The strategies of a selection", () => {
  it("select the first one of equals", () => {
    assert.deepEqual(pick(3, 3, [weights([0, 0, 0], 1)]), [0, 1, 2]);
    const nearest = line(0, 1, 1, -1);
    assert.deepEqual(pick(4, 4, [diversity(nearest, 1)], nearest), [0, 1, 3, 2]);
    assert.deepEqual(pick(3, 3, []), [0, 1, 2]);
  });

  it("select what is not a number last", () => {
    assert.deepEqual(pick(3, 3, [weights([Number.NaN, 1, 2], 1)]), [2, 1, 0]);
  });

  it("add up the logarithms of the scores of the whole selection", () => {
    const nearest = line(0, 3, 5, 6);
    // Selected: 0 and 6, with a spread of 36 each. log(72 + 9) + log(7 + w) against log(72 + 1) + log(7 + 2).
    const with2 = (weight: number): number[] => {
      const near = line(0, 3, 5, 6);
      return pick(4, 1, [diversity(near, 1), weights([3, weight, 2, 4], 1)], near, [0, 3]);
    };
    assert.equal(nearest.count(), 0);
    const border = (73 * 9) / 81 - 7;
    assert.deepEqual([with2(border + 0.001), with2(border - 0.001)], [[1], [2]]);
  });

  it("are weighted by their strengths", () => {
    const first = (strength: number): number[] => pick(2, 1, [weights([2, 8], 1), weights([16, 1], strength)]);
    assert.deepEqual([first(0.49), first(0.51)], [[1], [0]]);
  });

  it("balance classes towards a target, in the order of need", () => {
    const [a, b] = [
      [1, 0],
      [0, 1],
    ];
    const rows = [a, a, a, a, a, b, b, b] as number[][];
    const counts = (target: number[], limit: number) =>
      pick(8, limit, [balance(rows, target, 1)]).filter((index) => index > 4).length;
    assert.deepEqual([counts([0.5, 0.5], 6), counts([0.8, 0.2], 5)], [3, 1]);
  });

  it("calculate how typical a row is, and how similar to a query", () => {
    const rows = toRows([[0], [1], [3]]);
    // Distances to the nearest one: 1, 1, 2, with a mean of 4/3.
    assert.deepEqual(
      [...typicality(rows, 1)].map((value) => value.toFixed(6)),
      [0.75, 0.75, 1.5].map((relative) => Math.exp(-relative).toFixed(6)),
    );
    assert.deepEqual(
      [...similarity(rows, toRows([[0], [3]]))].map((value) => value.toFixed(6)),
      [0, 3, 0].map((relative) => Math.exp(-relative).toFixed(6)),
    );
    assert.deepEqual([...typicality(toRows([[1], [1]]), 20)], [1, 1], "where all are the same");
  });
});
