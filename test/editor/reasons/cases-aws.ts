import { account, type Case, type CasesOfType, connection, missing, number, retries, whole } from "./cases.ts";

const ids: readonly Case[] = [
  missing("instanceIds"),
  { property: "instanceIds", reason: "instanceIds", bad: "i-123" },
  // The editor checks the syntax of other types.
  { property: "instanceIds", reason: "invalid-prop", bad: "a b", as: "msg" },
];
const byIds = ids.map((one) => ({ ...one, when: { select: "ids" } }));
const byTags = { when: { select: "tags" } };
const tags: readonly Case[] = [
  { property: "tags", reason: "missing", bad: [], ...byTags },
  { property: "tags", reason: "pairKeyMissing", bad: [["", "vision"]], ...byTags },
  {
    property: "tags",
    reason: "pairKeyTwice",
    bad: [
      ["team", "a"],
      ["team", "b"],
    ],
    values: { name: "team" },
    ...byTags,
  },
];
const INSTANCES = { account: "aws", instanceIds: "i-12345678", tags: [{ key: "team", value: "vision" }] };

/** The entries of the AWS nodes. */
export const AWS: Readonly<Record<string, CasesOfType>> = {
  "lightly-aws-account": {
    base: {},
    cases: [
      { property: "region", reason: "region", bad: "Frankfurt" },
      { property: "roleArn", reason: "roleArn", bad: "lightly-access" },
      { property: "externalId", reason: "externalId", bad: "x" },
      { property: "endpoint", reason: "webAddress", bad: "127.0.0.1:9000", alone: true },
      { property: "s3Endpoint", reason: "webAddress", bad: "127.0.0.1:9000", alone: true },
      ...connection,
      ...["accessKeyId", "secretAccessKey"].map((property) =>
        missing(property, { when: { credentialSource: "keys" }, good: "AKIAIOSFODNN7EXAMPLE", isCredential: true }),
      ),
    ],
  },
  "lightly-ec2-start": {
    base: INSTANCES,
    cases: [
      ...account(),
      { property: "account", reason: "invalid-config", bad: "broken" },
      ...byIds,
      ...tags,
      {
        property: "desired",
        reason: "wholeRange",
        bad: "1001",
        values: { min: 1, max: 1000 },
        when: { select: "tags" },
      },
      {
        property: "leadSeconds",
        reason: "numberRange",
        bad: "3601",
        values: { min: 0, max: 3600 },
        when: { startWhen: "upload" },
      },
      ...whole("autoStopMinutes", 0, 10080),
      ...number("timeoutMinutes", 0.1, 1440),
      ...number("capacityTimeoutMinutes", 0, 10080),
      { property: "pollSeconds", reason: "numberRange", bad: "601", values: { min: 0.1, max: 600 } },
      ...retries,
    ],
  },
  "lightly-ec2-stop": {
    base: INSTANCES,
    cases: [
      ...account(),
      ...byIds,
      ...tags,
      ...number("timeoutMinutes", 0.1, 1440),
      ...number("forceAfterMinutes", 0, 1440),
      ...number("pollSeconds", 0.1, 600),
      ...retries,
    ],
  },
  "lightly-video-source": {
    base: { kind: "s3", account: "aws", bucket: "my-bucket" },
    cases: [
      ...[
        // The account is needed for S3 only, so the reason is the package's.
        missing("account", { bad: "_ADD_", stored: "" }),
        missing("bucket"),
        { property: "bucket", reason: "bucketOrArn", bad: "my bucket" },
        { property: "prefix", reason: "keyPrefix", bad: "s3://my-bucket/videos" },
        { property: "pattern", reason: "invalid-prop", bad: "a b", as: "msg" },
      ].map((one) => ({ when: { kind: "s3" }, ...one })),
      missing("folder", { good: "/data/videos", when: { kind: "folder" } }),
      { property: "list", reason: "invalid-prop", bad: "a b", as: "msg", when: { kind: "list" } },
      { property: "maxVideos", reason: "wholeRange", bad: "10001", values: { min: 1, max: 10_000 } },
      ...whole("maxConcurrency", 1, 100),
      ...whole("maxFailures", 0, 10_000),
      ...retries,
    ],
  },
  "lightly-s3-upload": {
    base: { account: "aws", bucket: "my-bucket", sourceType: "str", source: "/tmp/a.mp4" },
    cases: [
      ...account(),
      missing("source"),
      { property: "source", reason: "invalid-prop", bad: "a b", as: "msg" },
      ...number("maxSizeGib", 0.001, 50000, { when: { sourceKind: "url" } }),
      ...whole("parallelReads", 1, 16, { when: { sourceKind: "url" } }),
      ...number("timeoutMinutes", 0.1, 10080, { when: { sourceKind: "url" } }),
      missing("bucket"),
      { property: "bucket", reason: "bucketOrArn", bad: "my bucket" },
      { property: "prefix", reason: "invalid-prop", bad: "a b", as: "flow" },
      { property: "prefix", reason: "keyPrefix", bad: "s3://my-bucket/videos" },
      { property: "key", reason: "keyTemplate", bad: "{prefix}/{uuid}", values: { found: "{uuid}" } },
      { property: "key", reason: "invalid-expr", bad: "$now(", as: "jsonata" },
      { property: "tags", reason: "pairKeyMissing", bad: [["", "vision"]] },
      {
        property: "tags",
        reason: "pairsTooMany",
        bad: Array.from({ length: 11 }, (_, index) => [`key ${index}`, ""] as const),
        values: { limit: 10 },
      },
      { property: "metadata", reason: "pairKeyIllegal", bad: [["my author", ""]], values: { name: "my author" } },
      { property: "contentType", reason: "mediaType", bad: "video" },
      { property: "cacheControl", reason: "headerValue", bad: "für immer" },
      { property: "contentDisposition", reason: "headerValue", bad: "attachment; filename=für.mp4" },
      { property: "partSizeMib", reason: "numberRange", bad: "5121", values: { min: 5, max: 5120 } },
      ...retries,
    ],
  },
  "lightly-batch-run": {
    base: { account: "aws", queue: "my-queue", definition: "my-definition", itemsType: "str", items: "a" },
    cases: [
      ...account(),
      ...["queue", "definition"].flatMap((property) => [
        missing(property),
        { property, reason: "batchName", bad: "my queue" },
        { property, reason: "invalid-prop", bad: "a b", as: "msg" },
      ]),
      { property: "command", reason: "json", bad: "[" },
      ...[
        missing("arraySize"),
        { property: "arraySize", reason: "wholeRange", bad: "10001", values: { min: 1, max: 10_000 } },
      ].map((one) => ({ ...one, when: { children: "count" } })),
      ...[missing("items"), { property: "itemsFolder", reason: "s3Uri", bad: "lists" }].map((one) => ({
        ...one,
        when: { children: "items" },
      })),
      ...number("capacityTimeoutMinutes", 0.01, 10_080),
      ...number("timeoutHours", 0.01, 8760),
      { property: "environment", reason: "pairKeyIllegal", bad: [["1A", ""]], values: { name: "1A" } },
      { property: "vcpus", reason: "wholeRange", bad: "1.5", values: { min: 1, max: 1024 } },
      { property: "memoryMib", reason: "wholeRange", bad: "3", values: { min: 4, max: 10_000_000 } },
      { property: "gpus", reason: "wholeRange", bad: "0", values: { min: 1, max: 64 } },
      { property: "attempts", reason: "wholeRange", bad: "11", values: { min: 1, max: 10 } },
      ...number("startTimeoutMinutes", 0.01, 10_080),
      { property: "attemptTimeoutMinutes", reason: "numberRange", bad: "0.5", values: { min: 1, max: 525_600 } },
      { property: "shareIdentifier", reason: "shareIdentifier", bad: "team a" },
      missing("jobPrefix"),
      { property: "jobPrefix", reason: "jobPrefix", bad: "-a" },
      ...number("pollSeconds", 0.1, 600),
      ...retries,
    ],
  },
  "lightly-ssm-run-script": {
    base: {
      account: "aws",
      instanceIdsType: "str",
      instanceIds: "i-12345678",
      script: "/run.sh",
      tokenName: "/lightly/token",
      gpuIds: "0",
    },
    cases: [
      ...account(),
      ...ids,
      missing("script", { when: { mode: "script" } }),
      ...[
        missing("image"),
        { property: "image", reason: "dockerImage", bad: "a; b" },
        missing("gpuIds", { when: { mode: "worker", gpus: "ids" } }),
        { property: "gpuIds", reason: "gpuIds", bad: "0;2", when: { mode: "worker", gpus: "ids" } },
        { property: "workerId", reason: "invalid-prop", bad: "a b", as: "msg" },
        missing("tokenName"),
        { property: "tokenName", reason: "secretName", bad: "file:///etc/passwd" },
        missing("sharedMemoryMib"),
        { property: "sharedMemoryMib", reason: "wholeMin", bad: "1.5", values: { min: 1 } },
        { property: "dockerArguments", reason: "openQuote", bad: "-v 'a b" },
      ].map((one) => ({ when: { mode: "worker" }, ...one })),
      { property: "args", reason: "json", bad: "[" },
      { property: "args", reason: "jsonTexts", bad: '{"a":1}' },
      { property: "environment", reason: "pairKeyIllegal", bad: [["1A", ""]], values: { name: "1A" } },
      { property: "maxConcurrency", reason: "numberOrPercentage", bad: "150%" },
      { property: "maxErrors", reason: "numberOrPercentage", bad: "some" },
      { property: "workingDirectory", reason: "absolutePath", bad: "tmp" },
      ...number("executionTimeoutHours", 0.01, 48),
      ...number("deliveryTimeoutMinutes", 0.5, 43200),
      { property: "outputBucket", reason: "bucket", bad: "My_Bucket" },
      { property: "outputPrefix", reason: "keyPrefix", bad: "s3://my-bucket/ssm" },
      { property: "logGroup", reason: "logGroup", bad: "a group" },
      { property: "pollSeconds", reason: "numberRange", bad: "601", values: { min: 0.1, max: 600 } },
      ...retries,
    ],
  },
};
