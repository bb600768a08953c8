import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { testClips } from "../clips/test-clips.ts";
import { type BatchCloud, startBatchCloud } from "./batch-cloud.ts";

describe("LightlyStudio as a job of Batch", () => {
  let cloud: BatchCloud;
  before(async () => {
    cloud = await startBatchCloud();
    const { endpoints, region, credentials } = cloud.running.sandbox;
    const s3 = new S3Client({ endpoint: endpoints.aws, region, credentials, forcePathStyle: true });
    const [one = "", two = ""] = await smallestClips();
    for (const [Key, file] of Object.entries({ "videos/one.mp4": one, "more/two.mp4": two })) {
      await s3.send(new PutObjectCommand({ Bucket: "lightly-input", Key, Body: readFileSync(file) }));
    }
    await s3.send(new PutObjectCommand({ Bucket: "lightly-input", Key: "more/broken.mp4", Body: "no video" }));
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
    ...{ output: "s3://lightly-output/studio", datasetUri: "s3://lightly-output/state" },
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

  const items = [
    "s3://lightly-input/videos/one.mp4",
    "s3://lightly-input/more/two.mp4",
    "s3://lightly-input/more/broken.mp4",
  ];
  /** Runs containers as batch run does: a child for each item, and a final job if there is one. */
  const runItems = async (asked: object, part?: "item") => {
    const submit = (more: object, variables: Record<string, string | undefined>) =>
      cloud.batch("SubmitJob", {
        ...{ jobName: "studio", jobQueue: "lightly-queue", jobDefinition: "lightly-studio", ...more },
        containerOverrides: {
          command: [JSON.stringify({ ...request, inputs: undefined, ...asked })],
          environment: Object.entries({ LIGHTLY_ITEMS: items.join("\n"), ...variables }).flatMap(([name, value]) =>
            value === undefined ? [] : [{ name, value }],
          ),
        },
      });
    const children = await submit({ arrayProperties: { size: items.length } }, { LIGHTLY_PART: part });
    const final = part && (await submit({ dependsOn: [{ jobId: children.jobId }] }, { LIGHTLY_PART: "all" }));
    return { children: await cloud.over(children.jobId), final: final && (await cloud.over(final.jobId)) };
  };
  const manifestOf = async (path: string) =>
    JSON.parse(
      String(await buffer(await cloud.running.sandbox.record.read("lightly-output", `${path}/manifest.json`))),
    );

  it("selects over the videos of all children in a final job, as one container does", async () => {
    const datasetUri = "s3://lightly-output/divided";
    const { children, final } = await runItems({ runId: "divided", datasetUri }, "item");
    assert.deepEqual([children.status, final.status], ["SUCCEEDED", "SUCCEEDED"]);
    const alone = { ...request, runId: "whole", inputs: items, datasetUri: "s3://lightly-output/whole" };
    assert.equal((await run(alone)).job.status, "SUCCEEDED");
    const [divided, whole] = [await manifestOf("studio/divided"), await manifestOf("studio/whole")];
    assert.deepEqual([divided.counts, divided.counts.broken], [whole.counts, 1]);
    const picks = (manifest: typeof whole) =>
      manifest.frames.map(({ video, frame, distance }: Record<string, unknown>) => [video, frame, distance]);
    assert.deepEqual(picks(divided), picks(whole));
  });

  it("selects in each child for itself without a final job", async () => {
    const { children } = await runItems({ runId: "each", datasetUri: "s3://lightly-output/each" });
    assert.equal(children.status, "FAILED", "the last item is no video");
    for (const [index, uri] of items.slice(0, 2).entries()) {
      const { frames } = await manifestOf(`studio/each-${index}`);
      assert.deepEqual([...new Set(frames.map(({ video }: { video: string }) => video))], [uri]);
    }
  });

  it("refuses a container without a request, and does not wait for one", async () => {
    const { jobId } = await cloud.batch("SubmitJob", {
      ...{ jobName: "studio", jobQueue: "lightly-queue", jobDefinition: "lightly-studio" },
    });
    const job = await cloud.over(jobId);
    assert.deepEqual([job.status, job.container.exitCode], ["FAILED", 2]);
  });

  it("ends with the exit code of the script when it refuses the request", async () => {
    const { job, last } = await run({ ...request, runId: "run-2", inputs: ["s3://lightly-input/none/"] });
    assert.deepEqual([job.status, job.container.exitCode, last.code], ["FAILED", 4, "STUDIO_INPUT_UNREADABLE"]);
  });
});

async function smallestClips(): Promise<string[]> {
  const folder = await testClips();
  const clips = readdirSync(folder).filter((name) => name.endsWith(".mp4"));
  const size = (name: string): number => statSync(join(folder, name)).size;
  return clips.sort((one, other) => size(one) - size(other)).map((name) => join(folder, name));
}
