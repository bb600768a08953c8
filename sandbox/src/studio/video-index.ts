import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { extname, join } from "node:path";
import { type EmbeddedFrames, embedInputs, type Frame } from "../worker/embed-inputs.ts";
import { imageDescriptor } from "../worker/embedding/image-descriptor.ts";
import type { InputFile } from "../worker/load-inputs.ts";
import { toRows } from "../worker/selection/vector-rows.ts";
import type { Objects, StoredObject } from "./objects.ts";
import type { StudioRequest } from "./studio-request.ts";

interface VideoJob {
  readonly request: StudioRequest;
  readonly objects: Objects;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** The frames of one video, as an object that children of an array job leave for the final job. */
interface StoredIndex {
  readonly broken: EmbeddedFrames["broken"];
  readonly frames: ReadonlyArray<Omit<Frame, "input">>;
  /** Single precision, in base64. */
  readonly rows: string;
}

/** Where the file of a video is, once {@link fetchVideo} has fetched it. */
function inputOf({ folder }: Pick<VideoJob, "folder">, uri: string): InputFile {
  return { name: uri, path: join(folder, `${hash(uri)}${extname(uri)}`), kind: "video" };
}

/** Fetches a video, unless it was fetched before. */
export async function fetchVideo(job: VideoJob, uri: string): Promise<InputFile> {
  const input = inputOf(job, uri);
  if (!existsSync(input.path)) {
    await job.objects.download(uri, input.path);
  }
  return input;
}

/** Decodes and embeds the frames of a video, at the rate of the request. */
export async function readVideo(job: VideoJob, { uri }: StoredObject): Promise<EmbeddedFrames> {
  const all = await embedInputs([await fetchVideo(job, uri)], imageDescriptor, job.signal, async () => {});
  const kept = keptAt(all.frames, job.request.framesPerSecond);
  const { dimensions, data } = all.rows;
  return {
    ...all,
    frames: kept.flatMap((index) => all.frames[index] ?? []),
    rows: toRows(
      kept.map((index) => data.subarray(index * dimensions, (index + 1) * dimensions)),
      dimensions,
    ),
  };
}

/** The frames of a video that a child of an array job has read. */
export async function readStored(job: VideoJob, video: StoredObject): Promise<EmbeddedFrames | undefined> {
  const content = await job.objects.read(indexUri(job, video));
  if (content === undefined) {
    return undefined;
  }
  const { broken, frames, rows } = JSON.parse(content.toString("utf8")) as StoredIndex;
  const bytes = Uint8Array.from(Buffer.from(rows, "base64"));
  const { dimensions } = imageDescriptor;
  return {
    broken,
    frames: frames.map((frame) => ({ ...frame, input: inputOf(job, video.uri) })),
    rows: { count: frames.length, dimensions, data: new Float32Array(bytes.buffer) },
  };
}

/** Reads a video unless its index is there. The first one counts. */
export async function storeVideo(job: VideoJob, video: StoredObject): Promise<void> {
  if ((await readStored(job, video)) !== undefined) {
    return;
  }
  const { broken, frames, rows } = await readVideo(job, video);
  const { buffer, byteOffset, byteLength } = rows.data;
  const content: StoredIndex = {
    broken,
    frames: frames.map(({ input: _input, ...frame }) => frame),
    rows: Buffer.from(buffer, byteOffset, byteLength).toString("base64"),
  };
  await job.objects.create(indexUri(job, video), JSON.stringify(content));
}

function indexUri({ request }: VideoJob, { uri, version }: StoredObject): string {
  return `${request.datasetUri}/index/${hash(JSON.stringify([uri, version, request.framesPerSecond]))}.json`;
}

/** The first frame of each interval of time of its video. */
function keptAt(frames: readonly Frame[], perSecond: number | null): number[] {
  const first = new Map<number, number>();
  for (const [index, { timestampSeconds }] of frames.entries()) {
    const interval = perSecond === null ? index : Math.floor(timestampSeconds * perSecond + 1e-6);
    first.set(interval, first.get(interval) ?? index);
  }
  return [...first.values()];
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
