import { array, choice, integer, number, object, objectId, record, string, variants } from "../http/body-schema.ts";
import { tagName, taskName } from "./common.ts";

const text = string({ min: 1 });

const input = object(
  { type: choice("EMBEDDINGS", "SCORES", "METADATA", "PREDICTIONS", "RANDOM") },
  {
    task: taskName,
    score: text,
    key: text,
    name: choice("CLASS_DISTRIBUTION", "CATEGORY_COUNT"),
    categories: array(text, { min: 1, unique: true }),
    datasetId: objectId,
    tagName,
    randomSeed: integer(),
  },
);

const strategy = object(
  { type: choice("DIVERSITY", "WEIGHTS", "THRESHOLD", "BALANCE", "SIMILARITY", "TYPICALITY") },
  {
    // The only snake-case key of the config.
    stopping_condition_minimum_distance: number(),
    threshold: number(),
    operation: choice("SMALLER", "SMALLER_EQUAL", "BIGGER", "BIGGER_EQUAL"),
    // Its keys are class names.
    target: record(number()),
    distribution: choice("TARGET", "UNIFORM", "INPUT"),
    numNearestNeighbors: integer({ min: 2 }),
    stoppingConditionMinimumTypicality: number({ above: 0 }),
    strength: number({ min: -1e9, max: 1e9 }),
    stoppingConditionMaxSum: number({ min: 0 }),
    targetRange: object({}, { minSum: number({ min: 0 }), maxSum: number({ min: 0 }) }),
  },
);

const autoTask = variants("type", {
  TILING: object(
    { type: choice("TILING"), name: taskName, numRows: integer({ min: 1 }), numCols: integer({ min: 1 }) },
    { overlap: number({ min: 0 }) },
  ),
  CROP: object({
    type: choice("CROP"),
    name: taskName,
    bboxs: array(array(number({ min: 0, max: 1 }), { min: 4, max: 4 }), { min: 1 }),
  }),
});

/** `SelectionConfigV4`. The worker checks which input goes with which strategy. */
export const selection = object(
  { strategies: array(object({ input, strategy }), { min: 1 }) },
  {
    nSamples: integer({ min: -1 }),
    proportionSamples: number({ min: 0, max: 1 }),
    lightlyPathRegex: text,
    autoTasks: array(autoTask),
  },
);
