import { deepEqual, equal } from "node:assert/strict";
import type { GetCommandInvocationCommandOutput } from "@aws-sdk/client-ssm";
import { readOutputLocations } from "../../../src/services/ssm/command-output.ts";

const ids = { commandId: "c-1", instanceId: "i-1" };
const read = (answer: Partial<GetCommandInvocationCommandOutput>) =>
  readOutputLocations({ $metadata: {}, ...answer } as GetCommandInvocationCommandOutput, ids);

describe("readOutputLocations", () => {
  it("detects by the mark that the agent has truncated an output, at any length", () => {
    deepEqual(read({ StandardOutputContent: "some lines--output truncated--", StandardErrorContent: "short" }), {
      stdoutTruncated: true,
      stderrTruncated: false,
    });
    equal(read({ StandardErrorContent: "some lines\n---Error truncated----" }).stderrTruncated, true);
    equal(read({ StandardOutputContent: "some lines\n---Output truncated---" }).stdoutTruncated, true);
    equal(read({ StandardOutputContent: "echo --output truncated-- is a word of mine" }).stdoutTruncated, false);
  });

  it("treats an output of the full length as truncated, counted in characters or in bytes", () => {
    equal(read({ StandardOutputContent: "x".repeat(24_000) }).stdoutTruncated, true);
    equal(read({ StandardOutputContent: "ü".repeat(12_000) }).stdoutTruncated, true);
    equal(read({ StandardOutputContent: "x".repeat(23_999) }).stdoutTruncated, false);
    equal(read({ StandardErrorContent: "x".repeat(8000) }).stderrTruncated, true);
  });

  it("converts each form of an S3 URL to s3://", () => {
    for (const address of [
      "https://s3.eu-central-1.amazonaws.com/my-bucket/ssm/c-1/i-1/stdout",
      "https://s3-eu-central-1.amazonaws.com/my-bucket/ssm/c-1/i-1/stdout",
      "https://my-bucket.s3.eu-central-1.amazonaws.com/ssm/c-1/i-1/stdout",
      "https://my-bucket.s3-eu-west-1.amazonaws.com/ssm/c-1/i-1/stdout",
      "http://127.0.0.1:4566/my-bucket/ssm/c-1/i-1/stdout",
    ]) {
      equal(read({ StandardOutputUrl: address }).stdoutUri, "s3://my-bucket/ssm/c-1/i-1/stdout", address);
    }
    equal(
      read({ StandardErrorUrl: "https://s3.eu-west-1.amazonaws.com/b-1/a%20b/stderr" }).stderrUri,
      "s3://b-1/a b/stderr",
    );
    equal(read({ StandardOutputUrl: "" }).stdoutUri, undefined);
  });

  it("names the log group and its streams, only if the output goes there", () => {
    const CloudWatchOutputConfig = { CloudWatchOutputEnabled: true, CloudWatchLogGroupName: "/my/group" };
    deepEqual(read({ CloudWatchOutputConfig, PluginName: "aws:runShellScript" }), {
      stdoutTruncated: false,
      stderrTruncated: false,
      logGroup: "/my/group",
      stdoutLogStream: "c-1/i-1/aws-runShellScript/stdout",
      stderrLogStream: "c-1/i-1/aws-runShellScript/stderr",
    });
    const off = { CloudWatchOutputEnabled: false, CloudWatchLogGroupName: "" };
    equal(read({ CloudWatchOutputConfig: off }).logGroup, undefined);
  });
});
