import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Sandbox } from "lightly-aws-sandbox";
import type { RunReport } from "lightly-aws-sandbox/worker";

/** A downloaded frame of a selection. */
export interface SelectedFrame {
  /** Lightly's name of the frame: `folder/video-012-mp4.png`. */
  readonly name: string;
  readonly seconds: number;
  readonly file: string;
  readonly uri: string;
}

/** What a run has selected, of either engine. */
export interface RunOutput {
  readonly report: {
    readonly framesSeen: number;
    readonly framesSelected: number;
    /** The videos, with the numbers of their selected frames. */
    readonly inputs: ReadonlyArray<Pick<RunReport["inputs"][number], "name" | "frames" | "selectedFrames">>;
  };
  /** In the order of the video. */
  readonly frames: readonly SelectedFrame[];
}

/** Reads the report of a run, and downloads the frames that it names into a folder. */
export async function downloadSelected(sandbox: Sandbox, runId: string, folder: string): Promise<RunOutput> {
  const { region, credentials, endpoints, environment } = sandbox;
  const { PIPELINE_LIGHTLY_BUCKET: Bucket = "", PIPELINE_LIGHTLY_PREFIX: prefix = "" } = environment;
  const s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
  const open = async (path: string): Promise<Readable> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: `${prefix}/.lightly/${path}` }));
    return Body as Readable;
  };
  try {
    const report = JSON.parse(await text(await open(`runs/${runId}/report.json`))) as RunReport;
    await mkdir(folder, { recursive: true });
    const frames: SelectedFrame[] = [];
    for (const { fileName: name, timestampSeconds } of report.selected.toSorted(byPosition)) {
      const file = join(folder, basename(name));
      await pipeline(await open(`frames/${name}`), createWriteStream(file));
      frames.push({ name, seconds: timestampSeconds, file, uri: `s3://${Bucket}/${prefix}/.lightly/frames/${name}` });
    }
    return { report, frames };
  } finally {
    s3.destroy();
  }
}

type Selected = RunReport["selected"][number];

function byPosition(a: Selected, b: Selected): number {
  return a.source.localeCompare(b.source) || a.frameIndex - b.frameIndex;
}
