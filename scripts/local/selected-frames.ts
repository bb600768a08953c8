import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Sandbox } from "../../sandbox/src/start-sandbox.ts";
import { createLightlyClient } from "../../src/services/lightly/lightly-client.ts";
import { selectedFilenames } from "../../src/services/lightly/selected-filenames.ts";

/** A selected frame on this machine. */
export interface SelectedFrame {
  /** Lightly's name of it: `video-012-mp4.png` below the video's folder. */
  readonly name: string;
  readonly file: string;
  readonly uri: string;
}

/** Downloads the frames of a tag from the LIGHTLY bucket into a folder, in the order of their names. */
export async function downloadSelected(
  sandbox: Sandbox,
  tag: { datasetId: string; tagId: string },
  folder: string,
): Promise<SelectedFrame[]> {
  const signal = AbortSignal.timeout(60_000);
  const client = createLightlyClient({ token: sandbox.token, server: sandbox.endpoints.lightly });
  const names = (await selectedFilenames({ client, ...tag, signal })).sort();
  const { region, credentials, endpoints } = sandbox;
  const s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
  await mkdir(folder, { recursive: true });
  const frames: SelectedFrame[] = [];
  for (const name of names) {
    const Bucket = sandbox.environment.PIPELINE_LIGHTLY_BUCKET ?? "";
    const Key = `${sandbox.environment.PIPELINE_LIGHTLY_PREFIX}/.lightly/frames/${name}`;
    const file = join(folder, basename(name));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    await pipeline(Body as Readable, createWriteStream(file));
    frames.push({ name, file, uri: `s3://${Bucket}/${Key}` });
  }
  s3.destroy();
  return frames;
}
