import assert from "node:assert/strict";
import { explainConfig, sentenceOf } from "../../../src/editor/selection/explain.ts";
import { explainJson } from "../../../src/editor/selection/explain-json.ts";
import { isUseless } from "../../../src/editor/selection/refusals.ts";
import { rowOf, shownFields } from "../../../src/editor/selection/rows.ts";
import { nameOf } from "../../../src/editor/selection/strategy-fields.ts";
import { STUDIO_REFUSALS } from "../../../src/editor/selection/studio-refusals.ts";
import { REASON_TEXTS } from "../../../src/fields/reason-texts.ts";
import { parseSelection } from "../../../src/services/lightly/selection/selection-config.ts";
import { checkStudioSelection } from "../../../src/services/studio/studio-strategies.ts";
import { LEGAL_PAIRS } from "../../services/lightly/selection/legal-configs.ts";
import { FILLED_PAIRS, titleOf } from "./filled-pairs.ts";

const DIVERSITY = { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } };
const reasonsOf = (config: object): string[] =>
  explainConfig({ nSamples: 1, ...config }, STUDIO_REFUSALS).map(({ reason }) => reason.key);

function isRefusedByRuntime(config: object): boolean {
  try {
    checkStudioSelection(parseSelection({ nSamples: 1, ...config }));
    return false;
  } catch {
    return true;
  }
}

/** The fields that a row offers for LightlyStudio. */
function offered(entry: unknown): string[] {
  const row = rowOf(entry);
  return shownFields(row)
    .filter((field) => !isUseless(field, row, STUDIO_REFUSALS))
    .map(nameOf);
}

describe("the problems of a selection for LightlyStudio", () => {
  for (const pair of FILLED_PAIRS) {
    it(`are those of the runtime for ${titleOf(pair)} with all its fields`, () => {
      const found = reasonsOf({ strategies: [pair] });
      assert.equal(found.length > 0, isRefusedByRuntime({ strategies: [pair] }), found.join());
      assert.ok(found.every((key) => key.startsWith("studio") && key in REASON_TEXTS));
    });
  }

  it("name the strategy and the reason", () => {
    const scores = LEGAL_PAIRS.find(({ input }) => input.type === "SCORES");
    const [problem] = explainConfig({ nSamples: 1, strategies: [DIVERSITY, scores] }, STUDIO_REFUSALS);
    assert.ok(problem);
    assert.match(
      sentenceOf(problem, (key, values) => `${key} ${values?.number ?? ""}`),
      /builder\.row 2.*studioScores/,
    );
  });

  it("include no missing fields of a strategy that can't be used anyway", () => {
    assert.deepEqual(reasonsOf({ strategies: [{ input: { type: "SCORES" }, strategy: { type: "WEIGHTS" } }] }), [
      "studioScores",
    ]);
  });

  it("are none for a similarity to a tag without the id of a dataset, which the list does not offer", () => {
    const similarity = { input: { type: "EMBEDDINGS", tagName: "run-one" }, strategy: { type: "SIMILARITY" } };
    assert.deepEqual(reasonsOf({ strategies: [similarity] }), []);
    assert.equal(isRefusedByRuntime({ strategies: [similarity] }), false);
    assert.deepEqual(offered(similarity), ["input.tagName", "strategy.strength"]);
    const bare = { ...similarity, input: { type: "EMBEDDINGS" } };
    assert.deepEqual(reasonsOf({ strategies: [bare] }), ["missing"]);
  });

  it("include the fields that it can't use, which the list offers only if they are filled in", () => {
    assert.deepEqual(offered({ input: { type: "RANDOM" }, strategy: { type: "WEIGHTS" } }), [
      "input.randomSeed",
      "strategy.strength",
    ]);
    const limited = { input: { type: "RANDOM" }, strategy: { type: "WEIGHTS", stoppingConditionMaxSum: 3 } };
    assert.ok(offered(limited).includes("strategy.stoppingConditionMaxSum"));
    assert.deepEqual(reasonsOf({ strategies: [limited] }), ["studioSum"]);
  });

  it("include the other parts of a selection", () => {
    const config = {
      strategies: [DIVERSITY],
      autoTasks: [{ type: "TILING", numRows: 2, numCols: 2 }],
      lightlyPathRegex: ".*",
    };
    assert.deepEqual(reasonsOf(config), ["studioCrops", "studioPaths"]);
    assert.ok(isRefusedByRuntime(config));
    const sentences = explainJson(JSON.stringify({ nSamples: 1, ...config }), (key) => key, STUDIO_REFUSALS);
    assert.ok(sentences.includes("lightly-aws.reason.studioCrops"));
  });

  it("are not those of the platform, whose strategies stay as they are", () => {
    for (const pair of FILLED_PAIRS) {
      assert.deepEqual(explainConfig({ nSamples: 1, strategies: [pair] }), []);
    }
  });
});
