import { randomBytes } from "node:crypto";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Sandbox } from "lightly-aws-sandbox";

/** The results of a run of LightlyStudio in the sandbox's S3. */
export interface StudioRun {
  readonly output: string;
  readonly runId: string;
  readonly manifest: string;
  /** The names of the pictures below the run's folder, in the order of selection. */
  readonly names: readonly string[];
  readonly bytes: ReadonlyMap<string, Buffer>;
  /** The result of the step, as its node puts it on the message. */
  readonly lightly: Readonly<Record<string, unknown>>;
}

export interface StudioRunPlan {
  readonly runId: string;
  readonly frames?: number;
  readonly pictureBytes?: number;
  /** Replaces members of the manifest, or of its frames. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly frame?: (index: number) => Readonly<Record<string, unknown>>;
}

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489", "hex");

/** Writes what the script on an instance writes at its end: the pictures, and the manifest. */
export async function makeStudioRun(sandbox: Sandbox, plan: StudioRunPlan): Promise<StudioRun> {
  const { runId, frames = 3, pictureBytes = 100 } = plan;
  const bucket = sandbox.buckets.output;
  const output = `s3://${bucket}/studio`;
  const folder = `${output}/${runId}`;
  const { credentials, region, endpoints } = sandbox;
  const s3 = new S3Client({ credentials, region, endpoint: endpoints.aws, forcePathStyle: true });
  const put = (uri: string, Body: Buffer | string) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: uri.slice(`s3://${bucket}/`.length), Body }));
  const bytes = new Map<string, Buffer>();
  const listed: object[] = [];
  for (let index = 0; index < frames; index += 1) {
    const name = `0123456789/a-${String(index * 30).padStart(6, "0")}-mp4.png`;
    const picture = Buffer.concat([PNG, randomBytes(pictureBytes)]);
    bytes.set(name, picture);
    await put(`${folder}/frames/${name}`, picture);
    listed.push({
      video: `s3://${sandbox.buckets.input}/videos/a.mp4`,
      frame: index * 30,
      seconds: index,
      uri: `${folder}/frames/${name}`,
      distance: index === 0 ? null : 1 / index,
      ...plan.frame?.(index),
    });
  }
  const counts = { videos: 1, broken: 0, frames: 90, selectedBefore: 0, selected: frames };
  const manifest = {
    version: 1,
    engine: "studio",
    runId,
    dataset: "street",
    counts,
    frames: listed,
    broken: [],
    notes: [],
    database: `${output}-state/studio.duckdb`,
    ...plan.manifest,
  };
  await put(`${folder}/manifest.json`, JSON.stringify(manifest));
  s3.destroy();
  const lightly = {
    engine: "studio",
    datasetName: "street",
    runId,
    state: "COMPLETED",
    manifest: `${folder}/manifest.json`,
    counts,
    commandId: "c-1",
    instanceId: sandbox.instanceId,
  };
  return { output, runId, manifest: lightly.manifest, names: [...bytes.keys()], bytes, lightly };
}
