import type { Datasource } from "../../../../src/services/lightly/datasets/datasource-config.ts";
import { DS, RUN } from "../stub-lightly.ts";

export type Json = Record<string, unknown>;
/** Valid values of each key, including its limits, and invalid values just beyond them. */
export type Values = Readonly<Record<string, { readonly good: readonly unknown[]; readonly bad: readonly unknown[] }>>;

export const INPUT_KEYS: Values = {
  task: { good: ["", "my_task+=,.@:/-1"], bad: ["a b", 1, null] },
  score: { good: ["uncertainty_margin"], bad: ["", 0] },
  key: { good: ["lightly.sharpness"], bad: ["", 3] },
  name: { good: ["CLASS_DISTRIBUTION", "CATEGORY_COUNT"], bad: ["class_distribution", ""] },
  categories: { good: [["car"], ["car", "bus"]], bad: [[], ["car", "car"], "car", [1]] },
  datasetId: { good: [DS], bad: [DS.toUpperCase(), "abc"] },
  tagName: { good: ["my tag.1:;=@_-"], bad: ["ab", " tag", "a/b"] },
  randomSeed: { good: [0, -7, 42], bad: [1.5, "1"] },
};
export const STRATEGY_KEYS: Values = {
  stopping_condition_minimum_distance: { good: [0, 0.2, -1], bad: ["0.2", null, Number.NaN] },
  threshold: { good: [0, -3.5], bad: ["1", Number.POSITIVE_INFINITY] },
  operation: { good: ["SMALLER", "SMALLER_EQUAL", "BIGGER", "BIGGER_EQUAL"], bad: ["GREATER", ">"] },
  target: { good: [{}, { car: 0.5, "traffic light": 0.5, n_samples: 1 }], bad: [{ car: "a" }, [1], 1] },
  distribution: { good: ["UNIFORM", "INPUT"], bad: ["uniform", "FLAT"] },
  numNearestNeighbors: { good: [2, 20], bad: [1, 2.5] },
  stoppingConditionMinimumTypicality: { good: [0.001, 1], bad: [0, -1] },
  strength: { good: [1, -1e9, 1e9], bad: [1.1e9, "1"] },
  stoppingConditionMaxSum: { good: [0, 100.5], bad: [-0.1] },
  targetRange: { good: [{}, { minSum: 0 }, { minSum: 1, maxSum: 2 }], bad: [{ minSum: -1 }, { min: 1 }, 3] },
};
export const STRATEGY_TYPES = ["DIVERSITY", "WEIGHTS", "THRESHOLD", "BALANCE", "SIMILARITY", "TYPICALITY"];
/** The combinations in Lightly's documentation, written independently: input, name of predictions, strategies. */
const DOCUMENTED: ReadonlyArray<readonly [type: string, name: string | undefined, strategies: readonly string[]]> = [
  ["EMBEDDINGS", undefined, ["DIVERSITY", "SIMILARITY", "TYPICALITY"]],
  ["METADATA", undefined, ["WEIGHTS", "THRESHOLD", "BALANCE"]],
  ["PREDICTIONS", "CATEGORY_COUNT", ["WEIGHTS", "THRESHOLD"]],
  ["PREDICTIONS", "CLASS_DISTRIBUTION", ["BALANCE"]],
  ["RANDOM", undefined, ["WEIGHTS", "THRESHOLD"]],
  ["SCORES", undefined, ["WEIGHTS", "THRESHOLD"]],
];
/** One input and one strategy. */
export interface Pair {
  readonly input: Json;
  readonly strategy: Json;
}
const pairsWhere = (isMeant: (strategies: readonly string[], type: string) => boolean): Pair[] =>
  DOCUMENTED.flatMap(([type, name, strategies]) =>
    STRATEGY_TYPES.filter((word) => isMeant(strategies, word)).map((word) => ({
      input: { type, ...(name === undefined ? {} : { name }) },
      strategy: { type: word },
    })),
  );
export const LEGAL_PAIRS = pairsWhere((strategies, word) => strategies.includes(word));
export const ILLEGAL_PAIRS = pairsWhere((strategies, word) => !strategies.includes(word));
export const ROOT_KEYS: Values = {
  nSamples: { good: [-1, 0, 100], bad: [-2, 1.5, "100"] },
  proportionSamples: { good: [0, 0.1, 1], bad: [1.01, -0.1, "10%"] },
  lightlyPathRegex: { good: [".*"], bad: ["", 1] },
  autoTasks: {
    good: [
      [],
      [{ type: "TILING", name: "tiles", numRows: 1, numCols: 2 }],
      [{ type: "TILING", name: "tiles", numRows: 1, numCols: 2, overlap: 0.1 }],
      [{ type: "CROP", name: "crop", bboxs: [[0, 0.25, 1, 0.5]] }],
    ],
    bad: [{}, [{ type: "ZOOM" }], [{ type: "TILING", numRows: 0, numCols: 1 }], [{ type: "CROP", bboxs: [[0, 0, 1]] }]],
  },
};

export const selection = (o: { input?: Json; strategy?: Json; root?: Json } = {}): Json => ({
  nSamples: 10,
  strategies: [{ input: { type: "RANDOM", ...o.input }, strategy: { type: "WEIGHTS", ...o.strategy } }],
  ...o.root,
});

/** Every supported combination, and every valid value of every key. */
export const LEGAL_SELECTIONS: readonly Json[] = [
  ...LEGAL_PAIRS.map((pair) => selection(pair)),
  ...legalValues(INPUT_KEYS).map((input) => selection({ input })),
  ...legalValues(STRATEGY_KEYS).map((strategy) => selection({ strategy })),
  ...legalValues(ROOT_KEYS).map((root) => selection({ root })),
];

function legalValues(keys: Values): Json[] {
  return Object.entries(keys).flatMap(([key, { good }]) => good.map((value) => ({ [key]: value })));
}

export function illegalValues(keys: Values): Json[] {
  return Object.entries(keys).flatMap(([key, { bad }]) => bad.map((value) => ({ [key]: value })));
}

const DOCKER = {
  checkpoint: "model.ckpt",
  checkpointRunId: RUN,
  corruptnessCheck: { corruptionThreshold: 0.1 },
  datasource: {
    bypassVerify: true,
    enableDatapoolUpdate: true,
    processAll: false,
    inputExpiration: { minDaysToExpiration: 0, handlingStrategy: "SKIP" },
  },
  crops: { enableUpload: true, enableUploadForTasks: null },
  embeddings: "e.csv",
  enableTraining: false,
  training: { taskName: "" },
  normalizeEmbeddings: true,
  numProcesses: -1,
  numThreads: 8,
  outputImageFormat: "png",
  pretagging: false,
  pretaggingUpload: false,
  relevantFilenamesFile: "relevant.txt",
  selectedSequenceLength: 1,
  cacheSize: -1,
  uploadReport: true,
  useDatapool: true,
  shutdownWhenJobFinished: true,
};
const LIGHTLY = {
  seed: 1,
  checkpointCallback: { saveLast: true },
  loader: { batchSize: 1, shuffle: true, numWorkers: -1, dropLast: true },
  model: { name: "resnet-18", outDim: 1, numFtrs: 1, width: 1 },
  trainer: { gpus: 0, maxEpochs: 0, precision: 16 },
  criterion: { temperature: 0.1 },
  optimizer: { lr: 0, weightDecay: 1 },
  collate: {
    ...{ inputSize: 1, cjProb: 0, cjBright: 1, cjContrast: 0.5, cjSat: 0.5, cjHue: 0.5, minScale: 0.5 },
    ...{ randomGrayScale: 0.5, gaussianBlur: 0.5, kernelSize: 0, sigmas: [0.1, 2], vfProb: 0, hfProb: 0, rrProb: 0 },
    rrDegrees: [-10, 10],
  },
};

/** Each setting of the worker once. */
export const LEGAL_WORKER_CONFIG = { docker: DOCKER, lightly: LIGHTLY };

const access = {
  kind: "role",
  roleArn: "arn:aws:iam::123456789012:role/LightlyAccess",
  externalId: "my-external-id-123",
} as const;
const region = "eu-central-1";
/** Both datasources of a dataset, by role. */
export const DATASOURCES: Datasource[] = [
  { purpose: "INPUT", uri: "s3://lightly-input/videos", region, access },
  { purpose: "LIGHTLY", uri: "s3://lightly-output/lightly", region, access },
];
