import { createHash } from "node:crypto";
import { basename, extname } from "node:path";
import sharp from "sharp";
import { drawSelection } from "../worker/draw-selection.ts";
import type { EmbeddedFrames, Frame } from "../worker/embed-inputs.ts";
import { imageDescriptor } from "../worker/embedding/image-descriptor.ts";
import { type Selected, selectFrames } from "../worker/selection/select-frames.ts";
import { planSelection } from "../worker/selection/selection-plan.ts";
import { joinRows, toRows } from "../worker/selection/vector-rows.ts";
import type { Objects, StoredObject } from "./objects.ts";
import { earlierFrames, earlierRecords, type RecordedFrame, type RunRecord } from "./records.ts";
import { StudioRefusal, type StudioRequest } from "./studio-request.ts";
import { fetchVideo, readStored, readVideo, storeVideo } from "./video-index.ts";

/** What a run is told, and tells. */
export interface StudioJob {
  readonly request: StudioRequest;
  readonly objects: Objects;
  /** An empty folder. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** What was told of so far. */
  readonly phases: Array<{ readonly phase: string; readonly at: number }>;
  readonly tell: (phase: string, done: number, of: number) => Promise<void>;
}

/** The counts of a manifest. */
export type StudioCounts = Readonly<Record<"videos" | "broken" | "frames" | "selectedBefore" | "selected", number>>;

const VIDEO = /\.(mp4|mov|mkv|webm|m4v)$/i;

/** Selects frames as the script does with LightlyStudio, but with the sandbox's own decoder and image descriptor. */
export async function runStudio(job: StudioJob): Promise<StudioCounts> {
  const { request, objects, tell } = job;
  const startedAt = new Date().toISOString();
  const folder = `${request.output}/${request.runId}`;
  const fingerprint = createHash("sha256").update(JSON.stringify(request)).digest("hex").slice(0, 16);
  const finished = await objects.read(`${folder}/manifest.json`);
  if (finished !== undefined) {
    const { spec, counts } = JSON.parse(String(finished)) as { spec: string; counts: StudioCounts };
    if (spec !== fingerprint) {
      throw new StudioRefusal("STUDIO_SPEC_INVALID", `The run ${request.runId} was done with another request.`);
    }
    return counts;
  }
  const plan = planSelection(request.selection);
  const listed = await listVideos(job);
  const records = await earlierRecords(objects, request);
  const used = new Set(records.flatMap(({ videos }) => videos.map(({ uri }) => uri)));
  const videos = listed.filter(({ uri }) => !used.has(uri));
  const before = await earlierFrames(objects, records);
  const embedded = await embed(job, videos);
  if (embedded.broken.length === listed.length) {
    throw new StudioRefusal("STUDIO_INPUT_UNREADABLE", `None of the ${listed.length} videos can be decoded.`);
  }
  const { frames, rows, broken } = embedded;
  await tell("select", 0, frames.length);
  const selected = selectFrames({ rows, metadata: frames, selectedBefore: before }, plan);
  const recorded = await writePictures(job, embedded, selected, folder);
  const record: RunRecord = {
    runId: request.runId,
    spec: fingerprint,
    sequence: (records.at(-1)?.sequence ?? 0) + 1,
    videos: videos
      .filter(({ uri }) => broken.every(({ name }) => name !== uri))
      .map(({ uri, version }) => ({
        uri,
        version,
        frames: frames.filter(({ input }) => input.name === uri).length,
        framesPerSecond: request.framesPerSecond,
      })),
    frames: recorded,
    counts: { frames: frames.length, selectedBefore: before.rows.count },
  };
  await tell("save", 0, 1);
  await objects.write(`${request.datasetUri}/runs/${request.runId}.json`, JSON.stringify(record));
  const counts = {
    ...record.counts,
    videos: listed.length,
    broken: broken.length,
    selected: recorded.length,
  };
  const manifest = {
    version: 1,
    engine: "studio",
    ...record,
    dataset: request.dataset,
    datasetUri: request.datasetUri,
    framesPerSecond: request.framesPerSecond,
    selection: request.selection,
    software: { embedder: imageDescriptor.description },
    counts,
    broken: broken.map(({ name, reason }) => ({ uri: name, reason })),
    notes: [],
    phases: job.phases,
    startedAt,
    endedAt: new Date().toISOString(),
  };
  await objects.write(`${folder}/manifest.json`, JSON.stringify(manifest));
  return counts;
}

async function listVideos({ request, objects }: StudioJob): Promise<StoredObject[]> {
  const found = new Map<string, StoredObject>();
  for (const input of request.inputs) {
    const under = await objects.list(input);
    const listed = under.filter(({ uri }) => uri === input || input.endsWith("/") || uri.startsWith(`${input}/`));
    if (listed.length === 0) {
      throw new StudioRefusal("STUDIO_INPUT_UNREADABLE", `There is neither an object nor a folder ${input}.`);
    }
    for (const one of listed.filter(({ uri }) => VIDEO.test(uri))) {
      found.set(one.uri, one);
    }
  }
  if (found.size === 0) {
    throw new StudioRefusal("STUDIO_INPUT_UNREADABLE", `There is no video under ${request.inputs.join(", ")}.`);
  }
  return [...found.values()].sort((one, other) => (one.uri < other.uri ? -1 : 1));
}

/** Reads the videos of a child for the final job. */
export async function indexVideos(job: StudioJob): Promise<number> {
  planSelection(job.request.selection);
  const videos = await listVideos(job);
  for (const [index, video] of videos.entries()) {
    await job.tell("index", index, videos.length);
    await storeVideo(job, video);
  }
  return videos.length;
}

async function embed(job: StudioJob, videos: readonly StoredObject[]): Promise<EmbeddedFrames> {
  const parts: EmbeddedFrames[] = [];
  for (const [index, video] of videos.entries()) {
    await job.tell("index", index, videos.length);
    parts.push((await readStored(job, video)) ?? (await readVideo(job, video)));
  }
  await job.tell("index", videos.length, videos.length);
  return {
    frames: parts.flatMap(({ frames }) => frames),
    rows: parts.map(({ rows }) => rows).reduce(joinRows, toRows([], imageDescriptor.dimensions)),
    broken: parts.flatMap(({ broken }) => broken),
  };
}

async function writePictures(
  job: StudioJob,
  { frames }: EmbeddedFrames,
  { picks }: Selected,
  target: string,
): Promise<RecordedFrame[]> {
  const { request, objects, folder, signal, tell } = job;
  await tell("export", 0, picks.length);
  const recorded = picks.flatMap(({ index, distance }) => {
    const frame = frames[index];
    return frame === undefined ? [] : [{ frame, entry: entryOf(frame, distance, target, request.extension) }];
  });
  // Drawn video by video, in the order of its frames.
  const inOrder = recorded.toSorted(({ entry: one }, { entry: other }) =>
    one.video === other.video ? one.frame - other.frame : one.video < other.video ? -1 : 1,
  );
  const inputs = new Map<string, Frame["input"]>();
  for (const uri of new Set(inOrder.map(({ entry }) => entry.video))) {
    inputs.set(uri, await fetchVideo(job, uri));
  }
  const drawn = await drawSelection(
    inOrder.map(({ frame }) => ({ ...frame, input: inputs.get(frame.input.name) ?? frame.input })),
    folder,
    signal,
    (done) => tell("export", done, picks.length),
  );
  for (const [index, { files }] of drawn.entries()) {
    const { full } = files;
    const uri = inOrder[index]?.entry.uri;
    if (full !== undefined && uri !== undefined) {
      const format = request.extension === ".jpg" ? "jpeg" : request.extension === ".webp" ? "webp" : "png";
      await objects.write(uri, await sharp(full).toFormat(format).toBuffer(), `image/${format}`);
    }
  }
  return recorded.map(({ entry }) => entry);
}

function entryOf(frame: Frame, distance: number | null, target: string, extension: string): RecordedFrame {
  const video = frame.input.name;
  const kind = extname(video);
  const hash = createHash("sha256").update(video).digest("hex").slice(0, 10);
  const name = `${basename(video, kind)}-${String(frame.frameIndex).padStart(6, "0")}-${kind.slice(1)}${extension}`;
  return {
    video,
    frame: frame.frameIndex,
    seconds: frame.timestampSeconds,
    pts: frame.frameIndex,
    uri: `${target}/frames/${hash}/${name}`,
    distance,
    sharpness: frame.sharpness,
    luminance: frame.luminance,
  };
}
