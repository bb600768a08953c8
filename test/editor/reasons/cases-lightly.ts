import { account, type Case, type CasesOfType, connection, missing, number, retries } from "./cases.ts";

const DIVERSITY = { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } };
const THRESHOLD = { type: "THRESHOLD", threshold: 1, operation: "BIGGER" };
const METADATA = { type: "METADATA", key: "lightly.sharpness" };
const CLASSES = { type: "PREDICTIONS", name: "CLASS_DISTRIBUTION", task: "my_task" };
const TAG = { datasetId: "0123456789abcdef01234567", tagName: "initial-tag" };

/** A selection as JSON, and the fault of its only strategy. */
const json = (reason: string, within: string, input: object, strategy: object, more: Partial<Case> = {}): Case => ({
  property: "selection",
  reason,
  bad: JSON.stringify({ nSamples: 1, strategies: [{ input, strategy }] }, null, 2),
  when: { amount: "json" },
  within: `Strategy 1: ${within}`,
  ...more,
});

// The messages of a row are in the tests of the selection builder.
const selections: readonly Case[] = [
  { property: "selection", reason: "missing", bad: "", when: { amount: "json" } },
  { property: "selection", reason: "json", bad: "[", when: { amount: "json" } },
  { property: "selection", reason: "jsonObject", bad: "[]", when: { amount: "json" } },
  { property: "selection", reason: "refused", bad: '{\n  "nSamples": 1\n}', when: { amount: "json" } },
  { property: "selection", reason: "invalid-prop", bad: "a b", as: "msg", when: { amount: "json" } },
  json("strategyPair", "", { type: "RANDOM" }, { type: "DIVERSITY" }),
  json("number", "Threshold: ", METADATA, { ...THRESHOLD, threshold: "much" }),
  json("choice", "Keep values: ", METADATA, { ...THRESHOLD, operation: "GREATER" }),
  json("taskName", "Prediction task: ", { type: "EMBEDDINGS", task: "a b" }, DIVERSITY.strategy),
  json("tagName", "Tag: ", { type: "EMBEDDINGS", ...TAG, tagName: "ab" }, { type: "SIMILARITY" }),
  json("objectId", "Dataset ID of the tag: ", { type: "EMBEDDINGS", ...TAG, datasetId: "abc" }, { type: "SIMILARITY" }),
  json("shares", 'Target, one "class: ratio" per line: ', CLASSES, { type: "BALANCE", target: { car: "a" } }),
  json(
    "linesTwice",
    "Classes, one per line: ",
    { ...CLASSES, categories: ["car", "car"] },
    {
      type: "BALANCE",
      distribution: "INPUT",
    },
  ),
  json(
    "numberMin",
    "Maximum sum: ",
    METADATA,
    { type: "WEIGHTS", targetRange: { minSum: 2, maxSum: 1 } },
    { values: { min: 2 } },
  ),
];

const byRole = { when: { access: "role" } };
const byKeys = { when: { access: "keys" } };

/** The entries of the Lightly nodes and of run status. */
export const LIGHTLY: Readonly<Record<string, CasesOfType>> = {
  "lightly-account": {
    base: {},
    cases: [
      { property: "apiUrl", reason: "webAddress", bad: "127.0.0.1:9000" },
      ...connection,
      { property: "pollSeconds", reason: "numberRange", bad: "often", values: { min: 0.1, max: 3600 } },
      {
        property: "pollSeconds",
        reason: "numberRange",
        bad: "5",
        values: { min: 30, max: 3600 },
        when: { apiUrl: "https://api.lightly.ai" },
        alone: true,
      },
    ],
  },
  "lightly-run": {
    base: {
      account: "lightly",
      datasetName: "street",
      inputUri: "s3://my-bucket/videos",
      lightlyUri: "s3://my-bucket/lightly",
      region: "eu-central-1",
      roleArn: "arn:aws:iam::123456789012:role/lightly",
      externalId: "an-external-id",
      selection: JSON.stringify({ nSamples: 1, strategies: [DIVERSITY] }, null, 2),
    },
    cases: [
      ...account(),
      missing("datasetName"),
      { property: "datasetName", reason: "datasetName", bad: "ab" },
      missing("inputUri"),
      { property: "inputUri", reason: "s3Uri", bad: "my-bucket/videos" },
      missing("lightlyUri"),
      { property: "lightlyUri", reason: "s3Uri", bad: "s3://A" },
      missing("region"),
      { property: "region", reason: "lightlyRegion", bad: "Frankfurt" },
      missing("roleArn", byRole),
      { property: "roleArn", reason: "roleArn", bad: "lightly-access", ...byRole },
      missing("externalId", byRole),
      { property: "externalId", reason: "lightlyExternalId", bad: "short", ...byRole },
      ...["accessKeyId", "secretAccessKey"].map((property) =>
        missing(property, { ...byKeys, good: "AKIAIOSFODNN7EXAMPLE", isCredential: true }),
      ),
      // The form shows a percentage, and the node stores a fraction.
      missing("proportion", { when: { amount: "proportion" } }),
      { property: "proportion", reason: "numberRange", bad: "101", stored: 1.01, when: { amount: "proportion" } },
      missing("count", { when: { amount: "number" } }),
      { property: "count", reason: "wholeMin", bad: "0", values: { min: 1 }, when: { amount: "number" } },
      { property: "strategies", reason: "strategyMissing", bad: [], when: { amount: "number" } },
      ...selections,
      { property: "kmsKeyArn", reason: "kmsKeyArn", bad: "alias/mine" },
      { property: "workerConfig", reason: "json", bad: "{" },
      { property: "workerConfig", reason: "jsonObject", bad: "[]" },
      ...number("timeoutHours", 0.01, 8760),
      ...number("workerTimeoutMinutes", 0, 10080),
      ...retries,
    ],
  },
  "lightly-studio-select": {
    base: {
      account: "aws",
      instanceIds: "i-0123456789abcdef0",
      instanceIdsType: "str",
      datasetName: "street",
      videos: "s3://my-bucket/videos/",
      videosType: "str",
      output: "s3://my-bucket/selected",
      selection: JSON.stringify({ nSamples: 1, strategies: [DIVERSITY] }, null, 2),
      embedderFile: "/opt/embedder.py",
    },
    cases: [
      ...account(),
      missing("instanceIds"),
      { property: "instanceIds", reason: "instanceIds", bad: "i-1" },
      missing("datasetName"),
      { property: "datasetName", reason: "datasetName", bad: "ab" },
      missing("videos"),
      { property: "videos", reason: "s3Uri", bad: "s3://my-bucket/videos/, s3://A" },
      missing("output"),
      { property: "output", reason: "s3Uri", bad: "my-bucket/selected" },
      { property: "datasetUri", reason: "s3Uri", bad: "datasets/street" },
      missing("proportion", { when: { amount: "proportion" } }),
      { property: "proportion", reason: "numberRange", bad: "101", stored: 1.01, when: { amount: "proportion" } },
      missing("count", { when: { amount: "number" } }),
      { property: "count", reason: "wholeMin", bad: "0", values: { min: 1 }, when: { amount: "number" } },
      { property: "strategies", reason: "strategyMissing", bad: [], when: { amount: "number" } },
      { property: "selection", reason: "missing", bad: "", when: { amount: "json" } },
      json("studioScores", "", { type: "SCORES", task: "t", score: "s" }, { type: "WEIGHTS" }),
      json("studioSum", "", METADATA, { type: "WEIGHTS", stoppingConditionMaxSum: 3 }),
      json("studioOtherDataset", "", { type: "EMBEDDINGS", ...TAG }, { type: "SIMILARITY" }),
      ...number("framesPerSecond", 0.001, 1000, { when: { frames: "rate" } }),
      missing("embedderFile", { when: { embedder: "file" } }),
      { property: "embedderFile", reason: "pythonFile", bad: "embedder.py", when: { embedder: "file" } },
      missing("python"),
      { property: "python", reason: "pythonPath", bad: "python3" },
      { property: "weights", reason: "s3Uri", bad: "models" },
      ...number("timeoutHours", 0.01, 48),
      ...retries,
    ],
  },
  "lightly-results": {
    base: {
      account: "lightly",
      datasetIdType: "str",
      datasetId: "0123456789abcdef01234567",
      awsAccount: "aws",
      bucket: "my-bucket",
    },
    cases: [
      missing("datasetId"),
      { property: "datasetId", reason: "invalid-prop", bad: "a b", as: "msg" },
      { property: "tag", reason: "invalid-prop", bad: "a b" },
      ...number("linkExpiryHours", 0.1, 168, { when: { format: "urls" } }),
      { property: "folder", reason: "invalid-prop", bad: "a b", as: "msg", when: { destination: "folder" } },
      missing("bucket", { when: { destination: "s3" } }),
      { property: "bucket", reason: "bucketOrArn", bad: "my bucket", when: { destination: "s3" } },
      { property: "prefix", reason: "invalid-prop", bad: "a b", as: "global", when: { destination: "s3" } },
      ...retries,
    ],
  },
  "lightly-run-status": {
    base: {},
    cases: [missing("runId"), { property: "runId", reason: "invalid-prop", bad: "a b", as: "msg" }],
  },
};
