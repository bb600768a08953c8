import assert from "node:assert/strict";
import { fractionAsPercent, percentAsFraction } from "../../src/editor/fields/percent.ts";
import { type BuiltNode, judge, readBuiltNode } from "./built-node.ts";

/** `true` if the value must be accepted, otherwise the key of the reason. */
type Case = readonly [folder: string, property: string, values: Record<string, unknown>, verdict: true | string];

const VARIABLE = ["$", "{NAME}"].join("");
const ROLE = "arn:aws:iam::123456789012:role/lightly-access";

const DIVERSITY = { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } };
const OF_RANDOM = { ...DIVERSITY, input: { type: "RANDOM" } };

const CASES: readonly Case[] = [
  ["lightly-aws-account", "region", { region: "eu-central-1" }, true],
  ["lightly-aws-account", "region", { region: "" }, true],
  ["lightly-aws-account", "region", { region: "Frankfurt" }, "region"],
  ["lightly-aws-account", "region", { region: "auto", endpoint: "http://127.0.0.1:9000" }, true],
  ["lightly-aws-account", "region", { region: "auto", s3Endpoint: "http://127.0.0.1:9000" }, true],
  ["lightly-aws-account", "region", { region: VARIABLE }, true],
  ["lightly-aws-account", "roleArn", { roleArn: ROLE }, true],
  ["lightly-aws-account", "roleArn", { roleArn: "arn:aws-us-gov:iam::123456789012:role/x" }, true],
  ["lightly-aws-account", "roleArn", { roleArn: "lightly-access" }, "roleArn"],
  ["lightly-aws-account", "endpoint", { endpoint: "http://127.0.0.1:9000" }, true],
  ["lightly-aws-account", "endpoint", { endpoint: "127.0.0.1:9000" }, "webAddress"],
  ["lightly-aws-account", "accessKeyId", { credentialSource: "keys", accessKeyId: "" }, "missing"],
  ["lightly-aws-account", "accessKeyId", { credentialSource: "chain", accessKeyId: "" }, true],
  ["lightly-account", "pollSeconds", { pollSeconds: "5" }, true],
  ["lightly-account", "pollSeconds", { pollSeconds: "5", apiUrl: "https://api.lightly.ai" }, "numberRange"],
  ["lightly-account", "pollSeconds", { pollSeconds: "often" }, "numberRange"],
  ["lightly-pexels-download", "query", { pick: "search", query: "" }, "missing"],
  ["lightly-pexels-download", "query", { pick: "popular", query: "" }, true],
  ["lightly-pexels-download", "videoId", { pick: "id", videoId: "1.5" }, "wholeMin"],
  ["lightly-pexels-download", "videoId", { pick: "id", videoId: "pexels.id", videoIdType: "msg" }, true],
  [
    "lightly-pexels-download",
    "maxDurationSeconds",
    { minDurationSeconds: "30", maxDurationSeconds: "10" },
    "numberMin",
  ],
  ["lightly-pexels-download", "maxWidth", { maxWidth: "" }, "missing"],
  ["lightly-s3-upload", "bucket", { bucket: "my-bucket.1" }, true],
  // A store other than AWS may take it.
  ["lightly-s3-upload", "bucket", { bucket: "My_Bucket" }, true],
  ["lightly-s3-upload", "bucket", { bucket: "arn:aws:s3:us-west-2:123456789012:accesspoint/videos" }, true],
  ["lightly-s3-upload", "bucket", { bucket: "10.0.0.1" }, "bucketOrArn"],
  ["lightly-s3-upload", "bucket", { bucket: "ab" }, "bucketOrArn"],
  ["lightly-s3-upload", "prefix", { prefix: "videos/raw" }, true],
  ["lightly-s3-upload", "prefix", { prefix: "s3://bucket/videos" }, "keyPrefix"],
  ["lightly-s3-upload", "prefix", { prefix: "s3://bucket/videos", prefixType: "env" }, true],
  ["lightly-s3-upload", "key", { key: "s3://bucket/{basename}" }, "keyPrefix"],
  ["lightly-s3-upload", "cacheControl", { cacheControl: "max-age=60" }, true],
  ["lightly-s3-upload", "contentDisposition", { contentDisposition: "ä" }, "headerValue"],
  ["lightly-results", "prefix", { destination: "s3", prefix: "s3://bucket/frames" }, "keyPrefix"],
  ["lightly-ssm-run-script", "outputPrefix", { outputPrefix: "s3://bucket/ssm" }, "keyPrefix"],
  ["lightly-ssm-run-script", "outputBucket", { outputBucket: "My_Bucket" }, "bucket"],
  ["lightly-s3-upload", "bucket", { bucket: "Any Thing", bucketType: "msg" }, true],
  ["lightly-s3-upload", "bucket", { bucket: VARIABLE }, true],
  ["lightly-s3-upload", "bucket", { bucket: undefined }, "missing"],
  ["lightly-s3-upload", "key", { key: "{prefix}/{date}/{name}.{extension}" }, true],
  ["lightly-s3-upload", "key", { key: "{prefix}/{uuid}" }, "keyTemplate"],
  ["lightly-s3-upload", "tags", { tags: [{ key: "a", value: "" }] }, true],
  ["lightly-s3-upload", "tags", { tags: [{ key: " ", value: "b" }] }, "pairKeyMissing"],
  ["lightly-s3-upload", "tags", { tags: [{ key: "a" }, { key: "a" }] }, "pairKeyTwice"],
  [
    "lightly-s3-upload",
    "tags",
    { tags: Array.from({ length: 11 }, (_, index) => ({ key: `k${index}` })) },
    "pairsTooMany",
  ],
  ["lightly-s3-upload", "contentType", { contentType: "video" }, "mediaType"],
  ["lightly-s3-upload", "partSizeMib", { partSizeMib: "4" }, "numberRange"],
  ["lightly-ec2-start", "instanceIds", { instanceIds: "i-12345678, i-0123456789abcdef0" }, true],
  ["lightly-ec2-start", "instanceIds", { instanceIds: "i-123" }, "instanceIds"],
  ["lightly-ec2-start", "instanceIds", { instanceIds: "", select: "tags" }, true],
  ["lightly-ec2-start", "tags", { tags: [], select: "tags" }, "missing"],
  ["lightly-ec2-start", "autoStopMinutes", { autoStopMinutes: "0" }, true],
  ["lightly-ec2-start", "autoStopMinutes", { autoStopMinutes: "0.5" }, "wholeRange"],
  ["lightly-ec2-start", "autoStopMinutes", { autoStopMinutes: "" }, "missing"],
  ["lightly-ec2-start", "autoStopMinutes", { autoStopMinutes: "", waitFor: "running" }, true],
  ["lightly-ec2-start", "retries", { retries: "0" }, true],
  ["lightly-ec2-start", "retries", { retries: "20" }, true],
  ["lightly-ec2-start", "retries", { retries: undefined }, true],
  ["lightly-ec2-start", "retries", { retries: VARIABLE }, true],
  ["lightly-ec2-start", "retries", { retries: "" }, "missing"],
  ["lightly-ec2-start", "retries", { retries: "21" }, "wholeRange"],
  ["lightly-s3-upload", "retries", { retries: "1.5" }, "wholeRange"],
  ["lightly-s3-upload", "retries", { retries: "-1" }, "wholeRange"],
  ["lightly-run", "retries", { retries: "often" }, "wholeRange"],
  ["lightly-run", "retrySeconds", { retrySeconds: "0.1" }, true],
  ["lightly-pexels-download", "retrySeconds", { retrySeconds: "3600" }, true],
  ["lightly-pexels-download", "retrySeconds", { retrySeconds: "0" }, "numberRange"],
  ["lightly-ssm-run-script", "retrySeconds", { retrySeconds: "3601" }, "numberRange"],
  ["lightly-ec2-stop", "retrySeconds", { retrySeconds: "" }, "missing"],
  ["lightly-run-status", "runId", {}, true],
  ["lightly-run-status", "runId", { runId: "" }, "missing"],
  ["lightly-run-status", "runId", { runId: "req.params.id", runIdType: "msg" }, true],
  ["lightly-run-status", "runId", { runId: "nightly", runIdType: "str" }, true],
  ["lightly-ec2-stop", "timeoutMinutes", { timeoutMinutes: "", waitFor: "accepted" }, true],
  ["lightly-ec2-stop", "timeoutMinutes", { timeoutMinutes: "0" }, "numberRange"],
  ["lightly-ec2-stop", "forceAfterMinutes", { forceAfterMinutes: undefined }, true],
  ["lightly-ec2-stop", "forceAfterMinutes", { forceAfterMinutes: "0" }, true],
  ["lightly-ec2-stop", "forceAfterMinutes", { forceAfterMinutes: "1440" }, true],
  ["lightly-ec2-stop", "forceAfterMinutes", { forceAfterMinutes: "1441" }, "numberRange"],
  ["lightly-ec2-stop", "forceAfterMinutes", { forceAfterMinutes: "", waitFor: "accepted" }, "missing"],
  ["lightly-run", "workerTimeoutMinutes", { workerTimeoutMinutes: undefined }, true],
  ["lightly-run", "workerTimeoutMinutes", { workerTimeoutMinutes: "0" }, true],
  ["lightly-run", "workerTimeoutMinutes", { workerTimeoutMinutes: "10080" }, true],
  ["lightly-run", "workerTimeoutMinutes", { workerTimeoutMinutes: "-1" }, "numberRange"],
  ["lightly-ssm-run-script", "script", { script: "" }, "missing"],
  ["lightly-ssm-run-script", "script", { script: "", mode: "worker" }, true],
  ["lightly-ssm-run-script", "image", { image: "" }, true],
  ["lightly-ssm-run-script", "image", { image: "", mode: "worker" }, "missing"],
  [
    "lightly-ssm-run-script",
    "image",
    { image: "registry.example.com:5000/lightly/worker@sha256:ab", mode: "worker" },
    true,
  ],
  ["lightly-ssm-run-script", "image", { image: "a; b", mode: "worker" }, "dockerImage"],
  ["lightly-ssm-run-script", "gpuIds", { gpuIds: "", mode: "worker" }, true],
  ["lightly-ssm-run-script", "gpuIds", { gpuIds: "", mode: "worker", gpus: "ids" }, "missing"],
  ["lightly-ssm-run-script", "gpuIds", { gpuIds: "0, 2", mode: "worker", gpus: "ids" }, true],
  ["lightly-ssm-run-script", "gpuIds", { gpuIds: "0;2", mode: "worker", gpus: "ids" }, "gpuIds"],
  ["lightly-ssm-run-script", "tokenName", { tokenName: "", mode: "worker" }, "missing"],
  ["lightly-ssm-run-script", "tokenName", { tokenName: "/prod/lightly:3", mode: "worker" }, true],
  [
    "lightly-ssm-run-script",
    "tokenName",
    { tokenName: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:lightly-AbCdEf", mode: "worker" },
    true,
  ],
  ["lightly-ssm-run-script", "tokenName", { tokenName: "file:///etc/passwd", mode: "worker" }, "secretName"],
  ["lightly-ssm-run-script", "tokenName", { tokenName: "--debug", mode: "worker" }, "secretName"],
  ["lightly-ssm-run-script", "sharedMemoryMib", { sharedMemoryMib: "1.5", mode: "worker" }, "wholeMin"],
  ["lightly-ssm-run-script", "dockerArguments", { dockerArguments: "-v 'a b:/c'", mode: "worker" }, true],
  ["lightly-ssm-run-script", "dockerArguments", { dockerArguments: "-v 'a b", mode: "worker" }, "openQuote"],
  ["lightly-ssm-run-script", "args", { args: '["--fast", 3]' }, true],
  ["lightly-ssm-run-script", "args", { args: '{"a":1}' }, "jsonTexts"],
  ["lightly-ssm-run-script", "args", { args: "[" }, "json"],
  ["lightly-ssm-run-script", "executionTimeoutHours", { executionTimeoutHours: "49" }, "numberRange"],
  ["lightly-ssm-run-script", "environment", { environment: [{ name: "1A", value: "" }] }, "pairKeyIllegal"],
  ["lightly-ssm-run-script", "workingDirectory", { workingDirectory: "tmp" }, "absolutePath"],
  ["lightly-run", "datasetName", { datasetName: "street-1 a_b" }, true],
  ["lightly-run", "datasetName", { datasetName: "ab" }, "datasetName"],
  ["lightly-run", "datasetName", { datasetName: "street/1" }, "datasetName"],
  ["lightly-run", "inputUri", { inputUri: "s3://my-bucket/videos" }, true],
  ["lightly-run", "inputUri", { inputUri: "my-bucket/videos" }, "s3Uri"],
  ["lightly-run", "inputUri", { inputUri: "", access: "existing" }, true],
  ["lightly-run", "roleArn", { roleArn: ROLE }, true],
  ["lightly-run", "externalId", { externalId: "short" }, "lightlyExternalId"],
  ["lightly-run", "proportion", { proportion: 0.1 }, true],
  ["lightly-run", "proportion", { proportion: "10" }, "numberRange"],
  ["lightly-run", "count", { amount: "number", count: "0" }, "wholeMin"],
  ["lightly-run", "selection", { amount: "json", selection: "" }, "missing"],
  ["lightly-run", "selection", { amount: "json", selection: "[]" }, "jsonObject"],
  ["lightly-run", "strategies", { strategies: undefined }, true],
  ["lightly-run", "strategies", { strategies: [] }, "strategyMissing"],
  ["lightly-run", "strategies", { strategies: [], amount: "json" }, true],
  ["lightly-run", "strategies", { strategies: [DIVERSITY, { ...DIVERSITY, note: 1 }] }, "refused"],
  ["lightly-run", "strategies", { strategies: [OF_RANDOM], amount: "number" }, "strategyPair"],
  ["lightly-run", "selection", { amount: "json", selection: JSON.stringify({ strategies: [DIVERSITY] }) }, true],
  [
    "lightly-run",
    "selection",
    { amount: "json", selection: JSON.stringify({ strategies: [OF_RANDOM] }) },
    "strategyPair",
  ],
  ["lightly-run", "selection", { amount: "json", selection: '{"nSamples": 1}' }, "refused"],
  ["lightly-run", "selection", { amount: "json", selection: VARIABLE }, true],
  ["lightly-run", "selection", { amount: "json", selection: "mine", selectionType: "msg" }, true],
  ["lightly-studio-select", "videos", { videos: "s3://bucket/a,b.mp4, s3://bucket/c/", videosType: "str" }, true],
  ["lightly-studio-select", "videos", { videos: "s3://bucket/a, videos/", videosType: "str" }, true],
  ["lightly-studio-select", "videos", { videos: "videos/", videosType: "str" }, "s3Uri"],
  ["lightly-studio-select", "strategies", { strategies: [DIVERSITY] }, true],
  [
    "lightly-studio-select",
    "strategies",
    { strategies: [{ input: { type: "SCORES" }, strategy: { type: "WEIGHTS" } }] },
    "studioScores",
  ],
  ["lightly-studio-select", "python", { python: "/bin/python" }, true],
  ["lightly-studio-select", "python", { python: "python" }, "pythonPath"],
  ["lightly-studio-select", "embedderFile", { embedder: "file", embedderFile: "/opt/mine.txt" }, "pythonFile"],
  ["lightly-studio-select", "embedderFile", { embedder: "pe", embedderFile: "" }, true],
  ["lightly-run", "workerConfig", { workerConfig: '{"numProcesses": 2}' }, true],
  ["lightly-run", "workerConfig", { workerConfig: "{" }, "json"],
];

describe("the validators of the forms", () => {
  const nodes = new Map<string, BuiltNode>();
  for (const [folder, property, values, verdict] of CASES) {
    it(`${verdict === true ? "accept" : "refuse"} ${JSON.stringify(values)} as ${folder}'s ${property}`, () => {
      const node = nodes.get(folder) ?? readBuiltNode(folder);
      nodes.set(folder, node);
      assert.equal(judge(node, property, values), verdict);
    });
  }

  it("name the field in their reason like the form", () => {
    const { definition, type } = readBuiltNode("lightly-s3-upload");
    const reason = definition.defaults.bucket?.validate?.call(
      { id: "n1", type, _def: definition, bucket: "A", _: () => "is bad" },
      "A",
      { label: "Bucket" },
    );
    assert.equal(reason, "Bucket: is bad");
  });
});

describe("a share in the form", () => {
  it("has the limits of the percentage on a saved node too, like its label", () => {
    const { definition, type } = readBuiltNode("lightly-run");
    const judged = (proportion: string): true | string | undefined =>
      definition.defaults.proportion?.validate?.call(
        {
          id: "n1",
          type,
          _def: definition,
          amount: "proportion",
          proportion,
          _: (_key: string, values?: object) => JSON.stringify(values),
        },
        proportion,
        { label: "Proportion (%)" },
      );
    assert.equal(judged("2"), 'Proportion (%): {"min":0.001,"max":100}');
    assert.equal(judged("1"), true);
    assert.equal(judged("0.00001"), true);
  });

  it("is shown in percent and stored as a fraction", () => {
    for (const [fraction, percent] of [
      ["0.1", "10"],
      ["0.57", "57"],
      ["0.125", "12.5"],
      ["1", "100"],
    ] as const) {
      assert.equal(fractionAsPercent(fraction), percent);
      assert.equal(percentAsFraction(percent), fraction);
    }
  });

  it("is not changed if it is not a number", () => {
    assert.equal(fractionAsPercent(VARIABLE), VARIABLE);
    assert.equal(percentAsFraction(""), "");
  });
});
