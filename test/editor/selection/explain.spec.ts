import assert from "node:assert/strict";
import { explainConfig, explainRows, sentenceOf } from "../../../src/editor/selection/explain.ts";
import { rowOf } from "../../../src/editor/selection/rows.ts";
import { parseSelection } from "../../../src/services/lightly/selection/selection-config.ts";
import { SELECTION_PAIRS } from "../../../src/services/lightly/selection/selection-pairs.ts";
import { ILLEGAL_PAIRS, type Json, LEGAL_PAIRS } from "../../services/lightly/selection/legal-configs.ts";
import { FILLED_PAIRS, titleOf } from "./filled-pairs.ts";

const reasonsOf = (...entries: unknown[]): string[] =>
  explainRows(entries.map(rowOf)).map(({ label, reason }) =>
    label === undefined ? reason.key : `${label.replace(/^.*\./, "")} ${reason.key}`,
  );
const entry = (input: Json, strategy: Json) => ({ input, strategy });

describe("the problems of a selection", () => {
  for (const pair of ILLEGAL_PAIRS) {
    it(`are explained for ${titleOf(pair)} in its row, with the supported strategies, and the runtime refuses it`, () => {
      const strategies = [FILLED_PAIRS[0], pair];
      const [problem, ...others] = explainConfig({ nSamples: 1, strategies });
      assert.equal(problem?.reason.key, "strategyPair");
      assert.equal(problem.row, 1);
      const source = String(pair.input.name ?? pair.input.type) as keyof typeof SELECTION_PAIRS;
      assert.deepEqual(
        problem.words?.allowed,
        SELECTION_PAIRS[source].map((word) => `lightly-aws.selection.strategy.${word.toLowerCase()}`),
      );
      assert.deepEqual(others, []);
      assert.throws(() => parseSelection({ nSamples: 1, strategies }), { code: "LIGHTLY_SELECTION_INVALID" });
    });
  }

  for (const pair of FILLED_PAIRS) {
    it(`are none for ${titleOf(pair)} with all its fields, and the runtime accepts it`, () => {
      const config = { nSamples: 1, strategies: [pair] };
      assert.deepEqual(explainConfig(config), []);
      parseSelection(config);
    });
  }

  const missing: Readonly<Record<string, readonly string[]>> = {
    "SIMILARITY of EMBEDDINGS": ["datasetId missing", "tagName missing"],
    "WEIGHTS of METADATA": ["key missing"],
    "THRESHOLD of METADATA": ["key missing", "operation missing", "threshold missing"],
    "BALANCE of METADATA": ["key missing", "target missing"],
    "WEIGHTS of PREDICTIONS CATEGORY_COUNT": ["task missing"],
    "THRESHOLD of PREDICTIONS CATEGORY_COUNT": ["task missing", "operation missing", "threshold missing"],
    "BALANCE of PREDICTIONS CLASS_DISTRIBUTION": ["task missing", "target missing"],
    "THRESHOLD of RANDOM": ["operation missing", "threshold missing"],
    "WEIGHTS of SCORES": ["task missing", "score missing"],
    "THRESHOLD of SCORES": ["task missing", "score missing", "operation missing", "threshold missing"],
  };
  for (const pair of LEGAL_PAIRS) {
    const faults = missing[titleOf(pair)] ?? [];
    it(`are ${faults.length === 0 ? "none" : "all missing fields"} for the bare ${titleOf(pair)}`, () => {
      assert.deepEqual(reasonsOf(pair), faults);
    });
  }

  it("include a missing strategy", () => {
    assert.deepEqual(reasonsOf(), ["strategyMissing"]);
  });

  for (const [fault, input, strategy] of [
    [
      "minimumDistance numberRange",
      { type: "EMBEDDINGS" },
      { type: "DIVERSITY", stopping_condition_minimum_distance: 3 },
    ],
    [
      "minimumDistance number",
      { type: "EMBEDDINGS" },
      { type: "DIVERSITY", stopping_condition_minimum_distance: "far" },
    ],
    ["task taskName", { type: "EMBEDDINGS", task: "a b" }, { type: "DIVERSITY" }],
    ["numNearestNeighbors wholeMin", { type: "EMBEDDINGS" }, { type: "TYPICALITY", numNearestNeighbors: 1 }],
    ["randomSeed wholeMin", { type: "RANDOM", randomSeed: 0.5 }, { type: "WEIGHTS" }],
    ["maxSum numberMin", { type: "RANDOM" }, { type: "WEIGHTS", targetRange: { minSum: 2, maxSum: 1 } }],
    ["strength numberRange", { type: "RANDOM" }, { type: "WEIGHTS", strength: 2e9 }],
    ["operation choice", { type: "RANDOM" }, { type: "THRESHOLD", threshold: 1, operation: "ABOVE" }],
    ["target shares", { type: "METADATA", key: "k" }, { type: "BALANCE", target: { car: "half" } }],
    [
      "categories linesTwice",
      { type: "PREDICTIONS", name: "CATEGORY_COUNT", task: "t", categories: ["car", "car"] },
      { type: "WEIGHTS" },
    ],
  ] as const) {
    it(`include "${fault}" for ${JSON.stringify([input, strategy])}`, () => {
      assert.deepEqual(reasonsOf(entry(input, strategy)), [fault]);
    });
  }

  it("include a duplicate class in a target, of which one would be lost", () => {
    const row = rowOf(entry({ type: "METADATA", key: "k" }, { type: "BALANCE", distribution: "TARGET" }));
    const problemsOf = (target: string): string[] =>
      explainRows([{ ...row, texts: { ...row.texts, "strategy.target": target } }]).map(({ reason }) => reason.key);
    assert.deepEqual(problemsOf("car: 1\n\ncar : 2"), ["linesTwice"]);
    assert.deepEqual(problemsOf("car: 1\ncar: a: 2"), []);
  });

  it("don't include a reference to an environment variable", () => {
    const key = ["$", "{KEY}"].join("");
    assert.deepEqual(reasonsOf(entry({ type: "METADATA", key }, { type: "WEIGHTS" })), []);
  });

  it("have the words of Lightly's rules if the form has none", () => {
    const [problem] = explainConfig({
      nSamples: 1,
      strategies: [{ input: { type: "RANDOM" }, strategy: { type: "WEIGHT" } }],
    });
    assert.equal(problem?.reason.key, "refused");
    assert.match(String(problem.reason.values?.fault), /strategies\[0\]\.strategy\.type .*did you mean WEIGHTS\?/);
  });

  it("are formatted as a sentence with strategy and field", () => {
    const [problem] = explainRows([rowOf(entry({ type: "METADATA" }, { type: "WEIGHTS" }))]);
    assert.ok(problem);
    const said = sentenceOf(
      problem,
      (key, values) => `<${key.replace(/^.*\./, "")}${values ? JSON.stringify(values) : ""}>`,
    );
    assert.equal(said, '<row{"number":1}>: <key>: <missing{}>');
  });
});
