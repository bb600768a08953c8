import assert from "node:assert/strict";
import { RunRefusal } from "../../../src/worker/refusal.ts";
import { planSelection } from "../../../src/worker/selection/selection-plan.ts";

const DIVERSITY = { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } };
const limitOf = (amount: object, candidates: number): number =>
  planSelection({ ...amount, strategies: [DIVERSITY] }).limit(candidates);

describe("The plan of a selection", () => {
  it("accepts a number, a proportion, the smaller one of both, or no limit", () => {
    assert.equal(limitOf({ nSamples: 7 }, 240), 7);
    assert.equal(limitOf({ nSamples: 700 }, 240), 240);
    assert.equal(limitOf({ nSamples: 0 }, 240), 0);
    assert.equal(limitOf({ proportionSamples: 0.1 }, 240), 24);
    assert.equal(limitOf({ proportionSamples: 0.1 }, 246), 25);
    assert.equal(limitOf({ proportionSamples: 0.1 }, 3), 1);
    assert.equal(limitOf({ proportionSamples: 0.1 }, 0), 0);
    assert.equal(limitOf({ proportionSamples: 0.1, nSamples: 5 }, 240), 5);
    assert.equal(limitOf({ nSamples: -1 }, 240), 240);
    assert.equal(limitOf({}, 240), 240);
  });

  it("names unsupported options", () => {
    const strategies: Array<[unknown, RegExp]> = [
      [
        { input: { type: "PREDICTIONS", name: "CLASS_DISTRIBUTION" }, strategy: { type: "BALANCE", target: {} } },
        /PREDICTIONS \+ BALANCE/,
      ],
      [{ input: { type: "SCORES", score: "x" }, strategy: { type: "WEIGHTS" } }, /SCORES \+ WEIGHTS/],
      [
        { input: { type: "EMBEDDINGS" }, strategy: { type: "TYPICALITY", stoppingConditionMinimumTypicality: 0.5 } },
        /stoppingConditionMinimumTypicality/,
      ],
      [{ input: { type: "EMBEDDINGS", tagName: "a" }, strategy: { type: "SIMILARITY" } }, /EMBEDDINGS \+ SIMILARITY/],
      [{ input: { type: "EMBEDDINGS", task: "boxes" }, strategy: { type: "DIVERSITY" } }, /task in the input/],
      [
        { input: { type: "RANDOM" }, strategy: { type: "WEIGHTS", stoppingConditionMaxSum: 3 } },
        /stoppingConditionMaxSum/,
      ],
      [
        { input: { type: "METADATA", key: "weather.temperature" }, strategy: { type: "WEIGHTS" } },
        /"weather\.temperature".*lightly\.sharpness/,
      ],
      [
        { input: { type: "METADATA", key: "lightly.sharpness" }, strategy: { type: "THRESHOLD", threshold: 1 } },
        /SMALLER_EQUAL/,
      ],
    ];
    for (const [strategy, message] of strategies) {
      assert.throws(
        () => planSelection({ nSamples: 1, strategies: [strategy] }),
        (error) => {
          assert.ok(error instanceof RunRefusal);
          assert.match(error.message, message);
          return true;
        },
      );
    }
    const crops = { autoTasks: [{ type: "TILING", name: "t", numRows: 2, numCols: 2 }] };
    assert.throws(() => planSelection({ ...crops, nSamples: 1, strategies: [DIVERSITY] }), /autoTasks/);
    assert.throws(() => planSelection({ lightlyPathRegex: ".*", strategies: [DIVERSITY] }), /lightlyPathRegex/);
    assert.throws(() => planSelection({ nSamples: 1, strategies: [] }), /no strategy/);
    assert.throws(() => planSelection(undefined), /no usable "selection"/);
  });

  it("treats options that are null as absent", () => {
    const selection = {
      nSamples: 2,
      strategies: [{ ...DIVERSITY, input: { type: "EMBEDDINGS", task: null } }],
      autoTasks: [],
    };
    assert.deepEqual(planSelection(selection).diversity, [{ strength: 1, minimumDistance: 0 }]);
  });
});
