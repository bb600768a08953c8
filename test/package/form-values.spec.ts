import assert from "node:assert/strict";
import { fractionAsPercent, percentAsFraction } from "../../src/editor/percent.ts";
import { type BuiltNode, judge, readBuiltNode } from "./built-node.ts";

/** `true` for what must be accepted, else the key of the reason. */
type Case = readonly [folder: string, property: string, values: Record<string, unknown>, verdict: true | string];

const VARIABLE = ["$", "{NAME}"].join("");
const ROLE = "arn:aws:iam::123456789012:role/lightly-access";

const DIVERSITY = { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } };
const OF_RANDOM = { ...DIVERSITY, input: { type: "RANDOM" } };

const CASES: readonly Case[] = [
  ["aws-account", "region", { region: "eu-central-1" }, true],
  ["aws-account", "region", { region: "" }, true],
  ["aws-account", "region", { region: "Frankfurt" }, "region"],
  ["aws-account", "region", { region: "auto", endpoint: "http://127.0.0.1:9000" }, true],
  ["aws-account", "region", { region: VARIABLE }, true],
  ["aws-account", "roleArn", { roleArn: ROLE }, true],
  ["aws-account", "roleArn", { roleArn: "arn:aws-us-gov:iam::123456789012:role/x" }, true],
  ["aws-account", "roleArn", { roleArn: "lightly-access" }, "roleArn"],
  ["aws-account", "endpoint", { endpoint: "http://127.0.0.1:9000" }, true],
  ["aws-account", "endpoint", { endpoint: "127.0.0.1:9000" }, "webAddress"],
  ["aws-account", "accessKeyId", { credentialSource: "keys", accessKeyId: "" }, "missing"],
  ["aws-account", "accessKeyId", { credentialSource: "chain", accessKeyId: "" }, true],
  ["lightly-account", "pollIntervalSeconds", { pollIntervalSeconds: "5" }, true],
  [
    "lightly-account",
    "pollIntervalSeconds",
    { pollIntervalSeconds: "5", server: "https://api.lightly.ai" },
    "numberRange",
  ],
  ["lightly-account", "pollIntervalSeconds", { pollIntervalSeconds: "often" }, "numberRange"],
  ["pexels-download", "query", { pick: "search", query: "" }, "missing"],
  ["pexels-download", "query", { pick: "popular", query: "" }, true],
  ["pexels-download", "videoId", { pick: "id", videoId: "1.5" }, "wholeMin"],
  ["pexels-download", "videoId", { pick: "id", videoId: "pexels.id", videoIdType: "msg" }, true],
  ["pexels-download", "maxDuration", { minDuration: "30", maxDuration: "10" }, "numberMin"],
  ["pexels-download", "maxWidth", { maxWidth: "" }, "missing"],
  ["s3-upload", "bucket", { bucket: "my-bucket.1" }, true],
  ["s3-upload", "bucket", { bucket: "My_Bucket" }, "bucket"],
  ["s3-upload", "bucket", { bucket: "10.0.0.1" }, "bucket"],
  ["s3-upload", "bucket", { bucket: "ab" }, "bucket"],
  ["s3-upload", "bucket", { bucket: "Any Thing", bucketType: "msg" }, true],
  ["s3-upload", "bucket", { bucket: VARIABLE }, true],
  ["s3-upload", "bucket", { bucket: undefined }, "missing"],
  ["s3-upload", "key", { key: "{prefix}/{date}/{name}.{extension}" }, true],
  ["s3-upload", "key", { key: "{prefix}/{uuid}" }, "keyTemplate"],
  ["s3-upload", "tags", { tags: [{ key: "a", value: "" }] }, true],
  ["s3-upload", "tags", { tags: [{ key: " ", value: "b" }] }, "pairKeyMissing"],
  ["s3-upload", "tags", { tags: [{ key: "a" }, { key: "a" }] }, "pairKeyTwice"],
  ["s3-upload", "tags", { tags: Array.from({ length: 11 }, (_, index) => ({ key: `k${index}` })) }, "pairsTooMany"],
  ["s3-upload", "contentType", { contentType: "video" }, "mediaType"],
  ["s3-upload", "partSizeMib", { partSizeMib: "4" }, "numberRange"],
  ["ec2-start", "instanceIds", { instanceIds: "i-12345678, i-0123456789abcdef0" }, true],
  ["ec2-start", "instanceIds", { instanceIds: "i-123" }, "instanceIds"],
  ["ec2-start", "instanceIds", { instanceIds: "", select: "tags" }, true],
  ["ec2-start", "tags", { tags: [], select: "tags" }, "missing"],
  ["ec2-start", "deadMansMinutes", { deadMansMinutes: "0" }, true],
  ["ec2-start", "deadMansMinutes", { deadMansMinutes: "0.5" }, "wholeRange"],
  ["ec2-start", "deadMansMinutes", { deadMansMinutes: "" }, "missing"],
  ["ec2-start", "deadMansMinutes", { deadMansMinutes: "", waitFor: "running" }, true],
  ["ec2-start", "retries", { retries: "0" }, true],
  ["ec2-start", "retries", { retries: "20" }, true],
  ["ec2-start", "retries", { retries: undefined }, true],
  ["ec2-start", "retries", { retries: VARIABLE }, true],
  ["ec2-start", "retries", { retries: "" }, "missing"],
  ["ec2-start", "retries", { retries: "21" }, "wholeRange"],
  ["s3-upload", "retries", { retries: "1.5" }, "wholeRange"],
  ["s3-upload", "retries", { retries: "-1" }, "wholeRange"],
  ["lightly-run", "retries", { retries: "often" }, "wholeRange"],
  ["lightly-run", "retrySeconds", { retrySeconds: "0.1" }, true],
  ["pexels-download", "retrySeconds", { retrySeconds: "3600" }, true],
  ["pexels-download", "retrySeconds", { retrySeconds: "0" }, "numberRange"],
  ["ssm-run-script", "retrySeconds", { retrySeconds: "3601" }, "numberRange"],
  ["ec2-stop", "retrySeconds", { retrySeconds: "" }, "missing"],
  ["run-status", "runId", {}, true],
  ["run-status", "runId", { runId: "" }, "missing"],
  ["run-status", "runId", { runId: "req.params.id", runIdType: "msg" }, true],
  ["run-status", "runId", { runId: "nightly", runIdType: "str" }, true],
  ["ec2-stop", "timeoutMinutes", { timeoutMinutes: "", waitFor: "accepted" }, true],
  ["ec2-stop", "timeoutMinutes", { timeoutMinutes: "0" }, "numberRange"],
  ["ec2-stop", "forceAfterMinutes", { forceAfterMinutes: undefined }, true],
  ["ec2-stop", "forceAfterMinutes", { forceAfterMinutes: "0" }, true],
  ["ec2-stop", "forceAfterMinutes", { forceAfterMinutes: "1440" }, true],
  ["ec2-stop", "forceAfterMinutes", { forceAfterMinutes: "1441" }, "numberRange"],
  ["ec2-stop", "forceAfterMinutes", { forceAfterMinutes: "", waitFor: "accepted" }, "missing"],
  ["lightly-run", "workerMinutes", { workerMinutes: undefined }, true],
  ["lightly-run", "workerMinutes", { workerMinutes: "0" }, true],
  ["lightly-run", "workerMinutes", { workerMinutes: "10080" }, true],
  ["lightly-run", "workerMinutes", { workerMinutes: "-1" }, "numberRange"],
  ["ssm-run-script", "script", { script: "" }, "missing"],
  ["ssm-run-script", "script", { script: "", mode: "worker" }, true],
  ["ssm-run-script", "image", { image: "" }, true],
  ["ssm-run-script", "image", { image: "", mode: "worker" }, "missing"],
  ["ssm-run-script", "image", { image: "registry.example.com:5000/lightly/worker@sha256:ab", mode: "worker" }, true],
  ["ssm-run-script", "image", { image: "a; b", mode: "worker" }, "dockerImage"],
  ["ssm-run-script", "gpuIds", { gpuIds: "", mode: "worker" }, true],
  ["ssm-run-script", "gpuIds", { gpuIds: "", mode: "worker", gpus: "ids" }, "missing"],
  ["ssm-run-script", "gpuIds", { gpuIds: "0, 2", mode: "worker", gpus: "ids" }, true],
  ["ssm-run-script", "gpuIds", { gpuIds: "0;2", mode: "worker", gpus: "ids" }, "gpuIds"],
  ["ssm-run-script", "tokenName", { tokenName: "", mode: "worker" }, "missing"],
  ["ssm-run-script", "tokenName", { tokenName: "/prod/lightly:3", mode: "worker" }, true],
  [
    "ssm-run-script",
    "tokenName",
    { tokenName: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:lightly-AbCdEf", mode: "worker" },
    true,
  ],
  ["ssm-run-script", "tokenName", { tokenName: "file:///etc/passwd", mode: "worker" }, "secretName"],
  ["ssm-run-script", "tokenName", { tokenName: "--debug", mode: "worker" }, "secretName"],
  ["ssm-run-script", "sharedMemoryMib", { sharedMemoryMib: "1.5", mode: "worker" }, "wholeMin"],
  ["ssm-run-script", "dockerArguments", { dockerArguments: "-v 'a b:/c'", mode: "worker" }, true],
  ["ssm-run-script", "dockerArguments", { dockerArguments: "-v 'a b", mode: "worker" }, "openQuote"],
  ["ssm-run-script", "args", { args: '["--fast", 3]' }, true],
  ["ssm-run-script", "args", { args: '{"a":1}' }, "jsonTexts"],
  ["ssm-run-script", "args", { args: "[" }, "json"],
  ["ssm-run-script", "executionHours", { executionHours: "49" }, "numberRange"],
  ["ssm-run-script", "environment", { environment: [{ name: "1A", value: "" }] }, "pairKeyIllegal"],
  ["ssm-run-script", "workingDirectory", { workingDirectory: "tmp" }, "absolutePath"],
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

  it("name the field in their reason, as the form does", () => {
    const { definition, type } = readBuiltNode("s3-upload");
    const reason = definition.defaults.bucket?.validate?.call(
      { id: "n1", type, _def: definition, bucket: "A", _: () => "is bad" },
      "A",
      { label: "Bucket" },
    );
    assert.equal(reason, "Bucket: is bad");
  });
});

describe("a share in the form", () => {
  it("is shown in percent and kept as a fraction", () => {
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

  it("stays as it is when it is no number", () => {
    assert.equal(fractionAsPercent(VARIABLE), VARIABLE);
    assert.equal(percentAsFraction(""), "");
  });
});
