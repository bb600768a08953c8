import { type Json, LEGAL_PAIRS, type Pair } from "../../services/lightly/selection/legal-configs.ts";
import { DS } from "../../services/lightly/stub-lightly.ts";

const CATEGORIES = ["car", "traffic light"];
const STRENGTH = { strength: -1.5 };

/** All members of an input in the API, to detect a loss of any of them. */
const INPUTS: Readonly<Record<string, Json>> = {
  EMBEDDINGS: { task: "objects" },
  METADATA: { key: "lightly.sharpness" },
  CLASS_DISTRIBUTION: { task: "objects", categories: CATEGORIES },
  CATEGORY_COUNT: { task: "objects", categories: CATEGORIES },
  SCORES: { task: "objects", score: "uncertainty_entropy" },
  RANDOM: { randomSeed: 42 },
};
/** The same for a strategy. */
const STRATEGIES: Readonly<Record<string, Json>> = {
  DIVERSITY: { stopping_condition_minimum_distance: 0.2 },
  TYPICALITY: { numNearestNeighbors: 20, stoppingConditionMinimumTypicality: 0.5 },
  SIMILARITY: {},
  WEIGHTS: { stoppingConditionMaxSum: 100.5, targetRange: { minSum: 1, maxSum: 20 } },
  THRESHOLD: { threshold: 0.5, operation: "BIGGER_EQUAL" },
  BALANCE: { distribution: "TARGET", target: { car: 0.25, "traffic light: red": 0.75 } },
};

/** Each supported pair, with all its fields. */
export const FILLED_PAIRS: readonly Pair[] = LEGAL_PAIRS.map(({ input, strategy }) => ({
  input: {
    ...input,
    ...INPUTS[String(input.name ?? input.type)],
    ...(strategy.type === "SIMILARITY" ? { datasetId: DS, tagName: "initial-tag" } : {}),
  },
  strategy: { ...strategy, ...STRATEGIES[String(strategy.type)], ...STRENGTH },
}));

/** The name of a pair in the title of a test. */
export function titleOf({ input, strategy }: Pair): string {
  return `${String(strategy.type)} of ${[input.type, input.name].filter(Boolean).join(" ")}`;
}
