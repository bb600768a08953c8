import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { entryOf, rowOf } from "../../../src/editor/selection/rows.ts";
import { configOf, type ListView, listViewOf } from "../../../src/editor/selection/views.ts";
import { parseSelection } from "../../../src/services/lightly/selection/selection-config.ts";
import {
  ILLEGAL_PAIRS,
  type Json,
  LEGAL_PAIRS,
  LEGAL_SELECTIONS,
  type Pair,
} from "../../services/lightly/selection/legal-configs.ts";
import { FILLED_PAIRS, titleOf } from "./filled-pairs.ts";

function viewOf(config: Json): ListView {
  const found = listViewOf(config);
  assert.ok("view" in found, `hidden: ${JSON.stringify(found)}`);
  return found.view;
}

/** All copies of an object without some of its keys, except `type` and `name`. */
function thinned(object: Json): Json[] {
  const keys = Object.keys(object).filter((key) => !["type", "name"].includes(key));
  return Array.from({ length: 2 ** keys.length }, (_, mask) =>
    Object.fromEntries(
      Object.entries(object).filter(([key]) => ((mask >> keys.indexOf(key)) & 1) === 0 || !keys.includes(key)),
    ),
  );
}

const isPair = (pair: Pair) => (other: Pair) =>
  other.input.type === pair.input.type &&
  other.input.name === pair.input.name &&
  other.strategy.type === pair.strategy.type;

describe("a selection as a list", () => {
  it("has an example of each pair below", () => {
    assert.ok(LEGAL_PAIRS.every((pair) => FILLED_PAIRS.some(isPair(pair))));
  });

  for (const pair of FILLED_PAIRS) {
    it(`converts ${titleOf(pair)} to a row and back without loss, for any of its fields`, () => {
      for (const input of thinned(pair.input)) {
        for (const strategy of thinned(pair.strategy)) {
          const config = { proportionSamples: 0.57, strategies: [{ input, strategy }] };
          assert.deepEqual(configOf(viewOf(config)), config);
        }
      }
    });
  }

  for (const pair of [...LEGAL_PAIRS, ...ILLEGAL_PAIRS]) {
    it(`keeps the bare ${titleOf(pair)}, supported or not`, () => {
      const config = { nSamples: 7, strategies: [pair] };
      assert.deepEqual(configOf(viewOf(config)), config);
    });
  }

  it("keeps all pairs together, in their order", () => {
    const config = { nSamples: 100, strategies: [...FILLED_PAIRS] };
    const view = viewOf(config);
    assert.deepEqual([view.amount, view.size, view.rows.length], ["number", "100", 13]);
    assert.deepEqual(configOf(view), config);
    assert.deepEqual(parseSelection(configOf(view)), parseSelection(config));
  });

  it("converts every valid selection to a list without loss, or reports what a list can't show", () => {
    let shown = 0;
    for (const config of LEGAL_SELECTIONS) {
      const found = listViewOf(config);
      if ("view" in found) {
        shown += 1;
        assert.deepEqual(parseSelection(configOf(found.view)), parseSelection(config));
      } else {
        assert.ok(found.hidden.length > 0);
      }
    }
    assert.ok(shown >= LEGAL_PAIRS.length);
  });

  it("never changes any given selection", () => {
    const odd = [
      "",
      " a ",
      "5",
      5,
      -0.5,
      true,
      null,
      [],
      ["a", " b"],
      ["a\nb"],
      {},
      { a: 1 },
      { "a\nb": 1 },
      { a: "x" },
      { "": 1 },
    ];
    for (const pair of FILLED_PAIRS) {
      for (const half of ["input", "strategy"] as const) {
        for (const key of [...Object.keys(pair[half]), "whatIsThis"]) {
          for (const value of odd) {
            const config = { nSamples: 1, strategies: [{ ...pair, [half]: { ...pair[half], [key]: value } }] };
            const found = listViewOf(config);
            assert.ok("hidden" in found || isDeepStrictEqual(configOf(found.view), config), JSON.stringify(config));
          }
        }
      }
    }
  });

  for (const [what, config, hidden] of [
    ["no amount", { strategies: [] }, "nSamples, proportionSamples"],
    ["two amounts", { nSamples: 1, proportionSamples: 1, strategies: [] }, "nSamples, proportionSamples"],
    ["a path's pattern", { nSamples: 1, strategies: [], lightlyPathRegex: "a" }, "lightlyPathRegex"],
    ["tiles", { nSamples: 1, strategies: [], autoTasks: [{ type: "TILING" }] }, "autoTasks"],
    [
      "a key of another strategy",
      { nSamples: 1, strategies: [{ input: { type: "RANDOM" }, strategy: { type: "WEIGHTS", threshold: 1 } }] },
      "strategies[0].strategy.threshold",
    ],
    [
      "predictions without a name",
      { nSamples: 1, strategies: [{ input: { type: "PREDICTIONS" }, strategy: { type: "WEIGHTS" } }] },
      "strategies[0].input.type",
    ],
    [
      "a third key beside the pair",
      { nSamples: 1, strategies: [{ input: { type: "RANDOM" }, strategy: { type: "WEIGHTS" }, note: "" }] },
      "strategies[0].note",
    ],
    ["a share too fine for a percentage", { proportionSamples: 0.12345678901234, strategies: [] }, "proportionSamples"],
  ] as const) {
    it(`reports that it can't show ${what}`, () => {
      assert.deepEqual(listViewOf(config), { hidden: [hidden] });
    });
  }

  it("omits the empty list of tasks, which is always sent", () => {
    const config = { nSamples: 1, strategies: [...FILLED_PAIRS], autoTasks: [] };
    assert.deepEqual(parseSelection(configOf(viewOf(config))), parseSelection(config));
  });

  it("keeps an invalid number as typed, so that the validators refuse it", () => {
    const row = rowOf({ input: { type: "METADATA", key: "a" }, strategy: { type: "THRESHOLD" } });
    const typed = { ...row, texts: { ...row.texts, "strategy.threshold": "much" } };
    assert.equal(entryOf(typed).strategy.threshold, "much");
  });
});
