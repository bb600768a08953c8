import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { testClips } from "../clips/test-clips.ts";
import { type BatchCloud, startBatchCloud } from "./batch-cloud.ts";

describe("LightlyStudio as a job of Batch", function () {
  this.timeout(120_000);
  let cloud: BatchCloud;
  before(async () => {
    cloud = await startBatchCloud();
    const { endpoints, region, credentials } = cloud.running.sandbox;
    const s3 = new S3Client({ endpoint: endpoints.aws, region, credentials, forcePathStyle: true });
    const Body = readFileSync(await smallestClip());
    await s3.send(new PutObjectCommand({ Bucket: "lightly-input", Key: "videos/one.mp4", Body }));
    s3.destroy();
  });
  after(() => cloud.running.close());

  const run = async (request: object) => {
    const { jobId } = await cloud.batch("SubmitJob", {
      ...{ jobName: "studio", jobQueue: "lightly-queue", jobDefinition: "lightly-studio" },
      containerOverrides: { command: [JSON.stringify(request)] },
    });
    const job = await cloud.over(jobId);
    const from = { logGroupName: "/aws/batch/job", logStreamName: job.container.logStreamName, startFromHead: true };
    const { events } = await cloud.logs("GetLogEvents", from);
    const lines = events.map(({ message }: { message: string }) => JSON.parse(message));
    return { job, last: lines.at(-1) };
  };
  const request = {
    ...{ runId: "run-1", dataset: "videos", inputs: ["s3://lightly-input/videos/"] },
    ...{ output: "s3://lightly-output/studio", state: "s3://lightly-output/state" },
    selection: { nSamples: 2, strategies: [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }] },
  };

  it("selects frames by the request in its argument, with the role of its instance", async () => {
    const { job, last } = await run(request);
    assert.deepEqual([job.status, last.phase, last.counts.selected], ["SUCCEEDED", "done", 2]);
    const manifest = await buffer(
      await cloud.running.sandbox.record.read("lightly-output", "studio/run-1/manifest.json"),
    );
    assert.equal(JSON.parse(manifest.toString()).frames.length, 2);
  });

  it("ends with the exit code of the script when it refuses the request", async () => {
    const { job, last } = await run({ ...request, runId: "run-2", inputs: ["s3://lightly-input/none/"] });
    assert.deepEqual([job.status, job.container.exitCode, last.code], ["FAILED", 4, "STUDIO_INPUT_UNREADABLE"]);
  });
});

async function smallestClip(): Promise<string> {
  const folder = await testClips();
  const clips = readdirSync(folder).filter((name) => name.endsWith(".mp4"));
  const size = (name: string): number => statSync(join(folder, name)).size;
  const [smallest = ""] = clips.sort((one, other) => size(one) - size(other));
  return join(folder, smallest);
}
