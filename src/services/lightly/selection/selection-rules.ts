import { arrayOf, mapOf, object, variants } from "../validation/container-rules.ts";
import { quote, withCondition } from "../validation/schema-rule.ts";
import { integer, number, oneOf, string } from "../validation/value-rules.ts";
import { strategiesFor } from "./selection-pairs.ts";

/** An id of MongoDB, which Lightly uses for all resources. */
export const OBJECT_ID = string({ what: "an id of 24 hexadecimal digits in lower case", pattern: /^[a-f0-9]{24}$/ });

/** The name of a prediction task; it may be empty. */
export const TASK_NAME = string({ what: "a task name", pattern: /^[a-zA-Z0-9_+=,.@:/-]*$/ });

const TAG_NAME = string({
  what: "a tag name (at least 3 characters: letters, digits, spaces and .:;=@_-)",
  min: 3,
  pattern: /^[a-zA-Z0-9][a-zA-Z0-9 .:;=@_-]+$/,
});
const NAME = string({ min: 1 });
const FRACTION = number({ min: 0, max: 1 });

const INPUT = object(
  { type: oneOf(["EMBEDDINGS", "SCORES", "METADATA", "PREDICTIONS", "RANDOM"]) },
  {
    task: TASK_NAME,
    score: NAME,
    key: NAME,
    name: oneOf(["CLASS_DISTRIBUTION", "CATEGORY_COUNT"]),
    categories: arrayOf(string(), { min: 1, unique: true }),
    datasetId: OBJECT_ID,
    tagName: TAG_NAME,
    randomSeed: integer(),
  },
);

const STRATEGY_TYPES = ["DIVERSITY", "WEIGHTS", "THRESHOLD", "BALANCE", "SIMILARITY", "TYPICALITY"] as const;

const STRATEGY_FIELDS = object(
  { type: oneOf(STRATEGY_TYPES) },
  {
    // The only key of the configuration in snake case.
    stopping_condition_minimum_distance: number(),
    threshold: number(),
    operation: oneOf(["SMALLER", "SMALLER_EQUAL", "BIGGER", "BIGGER_EQUAL"]),
    target: mapOf(number()),
    distribution: oneOf(["TARGET", "UNIFORM", "INPUT"]),
    numNearestNeighbors: integer({ min: 2 }),
    stoppingConditionMinimumTypicality: number({ above: 0 }),
    strength: number({ min: -1e9, max: 1e9 }),
    stoppingConditionMaxSum: number({ min: 0 }),
    targetRange: object({}, { minSum: number({ min: 0 }), maxSum: number({ min: 0 }) }),
  },
);

const STRATEGY = withCondition(STRATEGY_FIELDS, function* (value, path) {
  const { distribution, target }: { distribution?: unknown; target?: unknown } = Object(value);
  if (distribution === "TARGET" && target === undefined) {
    yield { path: `${path}.target`, problem: "is missing: the distribution TARGET requires it" };
  }
});

const PAIR_FIELDS = object({ input: INPUT, strategy: STRATEGY }, {});

/** A combination of input and strategy that Lightly's worker supports. */
const PAIR = withCondition(PAIR_FIELDS, function* (value, path) {
  const { input, strategy }: { input?: unknown; strategy?: unknown } = Object(value);
  const { type, name }: { type?: unknown; name?: unknown } = Object(input);
  const chosen = STRATEGY_TYPES.find((known) => known === Object(strategy).type);
  const allowed = strategiesFor({ type, name });
  if (chosen !== undefined && allowed !== undefined && !allowed.includes(chosen)) {
    const named = type === "PREDICTIONS" && name !== undefined ? `PREDICTIONS of ${String(name)}` : String(type);
    const problem = `must be one of ${allowed.join(", ")} for an input of ${named}, not ${quote(chosen)}`;
    yield { path: `${path}.strategy.type`, problem };
  }
});

const AUTO_TASK = variants("type", {
  TILING: object(
    { type: oneOf(["TILING"]), numRows: integer({ min: 1 }), numCols: integer({ min: 1 }) },
    { name: TASK_NAME, overlap: number({ min: 0 }) },
  ),
  CROP: object({ type: oneOf(["CROP"]), bboxs: arrayOf(arrayOf(FRACTION, { length: 4 })) }, { name: TASK_NAME }),
});

/** Lightly's selection, version 4: the names, types and limits of all its members. */
export const SELECTION_V4 = object(
  { strategies: arrayOf(PAIR, { min: 1 }) },
  {
    nSamples: integer({ min: -1 }),
    proportionSamples: FRACTION,
    lightlyPathRegex: NAME,
    autoTasks: arrayOf(AUTO_TASK),
  },
);
