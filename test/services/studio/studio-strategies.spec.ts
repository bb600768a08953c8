import assert from "node:assert/strict";
import { parseSelection } from "../../../src/services/lightly/selection/selection-config.ts";
import { checkStudioSelection, strategyRefusal } from "../../../src/services/studio/studio-strategies.ts";

const of = (input: object, strategy: object, rest: object = {}) =>
  parseSelection({ nSamples: 1, strategies: [{ input, strategy }], ...rest });
const refusalOf = (input: object, strategy: object) => {
  const [entry] = of(input, strategy).strategies;
  assert.ok(entry);
  return strategyRefusal(entry);
};

describe("a selection for LightlyStudio", () => {
  it("may have every strategy on embeddings and random numbers, and weights and limits of measured metadata", () => {
    const threshold = { type: "THRESHOLD", threshold: 1, operation: "BIGGER" };
    const metadata = { type: "METADATA", key: "lightly.sharpness" };
    const pairs: Array<[object, object]> = [
      [{ type: "EMBEDDINGS" }, { type: "DIVERSITY", stopping_condition_minimum_distance: 0.2, strength: 2 }],
      [{ type: "EMBEDDINGS" }, { type: "TYPICALITY", numNearestNeighbors: 5 }],
      [{ type: "EMBEDDINGS", tagName: "run-a" }, { type: "SIMILARITY" }],
      [metadata, { type: "WEIGHTS" }],
      [metadata, threshold],
      [{ type: "RANDOM", randomSeed: 4 }, { type: "WEIGHTS" }],
      [{ type: "RANDOM" }, threshold],
    ];
    for (const [input, strategy] of pairs) {
      assert.equal(refusalOf(input, strategy), undefined);
      checkStudioSelection(of(input, strategy));
    }
  });

  it("is refused with the reason of each part that LightlyStudio can't do", () => {
    const predictions = { type: "PREDICTIONS", task: "boxes", name: "CLASS_DISTRIBUTION" };
    assert.equal(refusalOf(predictions, { type: "BALANCE", target: { car: 1 } }), "predictions");
    assert.equal(refusalOf({ type: "SCORES", task: "boxes", score: "entropy" }, { type: "WEIGHTS" }), "scores");
    assert.equal(refusalOf({ type: "METADATA", key: "weather" }, { type: "WEIGHTS" }), "metadata");
    const balance = { type: "BALANCE", target: { day: 0.5 } };
    assert.equal(refusalOf({ type: "METADATA", key: "lightly.luminance" }, balance), "metadata");
    assert.equal(refusalOf({ type: "EMBEDDINGS", task: "boxes" }, { type: "DIVERSITY" }), "objects");
    const weights = { type: "WEIGHTS", stoppingConditionMaxSum: 3 };
    assert.equal(refusalOf({ type: "METADATA", key: "lightly.sharpness" }, weights), "sum");
    const typical = { type: "TYPICALITY", stoppingConditionMinimumTypicality: 0.5 };
    assert.equal(refusalOf({ type: "EMBEDDINGS" }, typical), "leastTypicality");
    const crops = { autoTasks: [{ type: "TILING", name: "t", numRows: 2, numCols: 2 }] };
    assert.throws(
      () => checkStudioSelection(of({ type: "EMBEDDINGS" }, typical, crops)),
      /EMBEDDINGS with TYPICALITY: it knows no least typicality; autoTasks: it makes no tiles and crops.*lightly run/,
    );
  });
});
