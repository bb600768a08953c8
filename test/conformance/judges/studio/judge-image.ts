import assert from "node:assert/strict";
import { cp, readFile } from "node:fs/promises";
import path from "node:path";
import { BatchClient, DescribeJobsCommand, SubmitJobCommand } from "@aws-sdk/client-batch";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startSandbox } from "lightly-aws-sandbox";
import { selectionConfig } from "../../../../src/services/lightly/selection/selection-config.ts";
import { readManifest } from "../../../../src/services/studio/studio-manifest.ts";
import { until } from "../../../nodes/support/until.ts";
import type { Setup } from "../../judge.ts";
import { onInterrupt } from "../../on-interrupt.ts";
import { stagesOf } from "../docker/dockerfile.ts";

const ROOT = path.join(import.meta.dirname, "../../../..");
const LIMIT_MS = 240_000;
const VIDEOS = ["fish-tank-240x240.mp4", "conveyor-in-a-hall-320x180.mp4"];

/** What `deploy/studio/Dockerfile` makes, in a folder that stands for its file system: as the image of jobs of the sandbox's Batch. */
export async function judgeImage(setup: Setup, clips: string): Promise<void> {
  await setup.tally.check("the image selects over all children of an array job, with the role of its job", async () => {
    const sandbox = await startSandbox({
      stateDir: path.join(setup.folder, "image-state"),
      delays: { scheduleMs: 100, pullMs: 100, idleMs: 500 },
      studioProgram: await programOf(setup),
    });
    onInterrupt(sandbox.close);
    const { region, credentials, buckets, endpoints } = sandbox;
    const config = { region, credentials, endpoint: endpoints.aws };
    const [batch, s3] = [new BatchClient(config), new S3Client({ ...config, forcePathStyle: true })];
    try {
      for (const name of VIDEOS) {
        const Body = await readFile(path.join(clips, name));
        await s3.send(new PutObjectCommand({ Bucket: buckets.input, Key: name, Body }));
      }
      const output = `s3://${buckets.output}/image`;
      const request = {
        ...{ runId: "image", dataset: "image", output, datasetUri: `${output}/state`, embedder: "grid" },
        selection: selectionConfig({ nSamples: 4 }),
      };
      const items = VIDEOS.map((name) => `s3://${buckets.input}/${name}`).join("\n");
      const submit = async (part: string, more: object): Promise<string> => {
        const environment = Object.entries({ LIGHTLY_ITEMS: items, LIGHTLY_PART: part });
        const { jobId = "" } = await batch.send(
          new SubmitJobCommand({
            ...{ jobName: "image", jobQueue: "lightly-queue", jobDefinition: "lightly-studio", ...more },
            containerOverrides: {
              command: [JSON.stringify(request)],
              environment: environment.map(([name, value]) => ({ name, value })),
            },
          }),
        );
        return jobId;
      };
      const children = await submit("item", { arrayProperties: { size: VIDEOS.length } });
      const final = await submit("all", { dependsOn: [{ jobId: children }] });
      let states: unknown[] = [];
      await until(async () => {
        const { jobs = [] } = await batch.send(new DescribeJobsCommand({ jobs: [children, final] }));
        states = jobs.map(({ status }) => status);
        return states.every((state) => state === "SUCCEEDED" || state === "FAILED");
      }, LIMIT_MS);
      assert.deepEqual(states, ["SUCCEEDED", "SUCCEEDED"]);
      const { Body } = await s3.send(
        new GetObjectCommand({ Bucket: buckets.output, Key: "image/image/manifest.json" }),
      );
      const manifest = readManifest((await Body?.transformToString()) ?? "", { output, runId: "image" });
      assert.deepEqual([manifest.counts.videos, manifest.counts.selected], [2, 4]);
      assert.equal(new Set(manifest.frames.map(({ video }) => video)).size, 2);
    } finally {
      batch.destroy();
      s3.destroy();
      await sandbox.close();
    }
  });
}

/** The entry point of the image, with its variables and with the files that it copies. */
async function programOf({ python, folder }: Setup): Promise<[string, ...string[]]> {
  const [image] = stagesOf(await readFile(path.join(ROOT, "deploy/studio/Dockerfile"), "utf8"));
  assert.ok(image);
  const local = (text: string): string => text.replaceAll(/(?<=^|=)\/(?:opt|var)\//g, `${folder}/image$&`);
  for (const copy of image.copies) {
    const [source = "", target = ""] = copy.split(" ");
    await cp(path.join(ROOT, source), path.join(local(image.workdir), target), { recursive: true });
  }
  const [interpreter, ...rest] = image.entryPoint;
  assert.equal(interpreter, "python");
  const variables = Object.entries(image.variables).map(([name, value]) => local(`${name}=${value}`));
  return ["env", ...variables, python, ...rest];
}
