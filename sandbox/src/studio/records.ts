import { readPhoto } from "../worker/embed-inputs.ts";
import { imageDescriptor } from "../worker/embedding/image-descriptor.ts";
import { measureImage } from "../worker/embedding/measure-image.ts";
import type { FrameSet } from "../worker/selection/select-frames.ts";
import { toRows } from "../worker/selection/vector-rows.ts";
import type { Objects } from "./objects.ts";
import type { StudioRequest } from "./studio-request.ts";

/** A selected frame, as records and manifests have it. */
export interface RecordedFrame {
  readonly video: string;
  readonly frame: number;
  readonly seconds: number;
  readonly pts: number;
  readonly uri: string;
  readonly distance: number | null;
  readonly sharpness: number;
  readonly luminance: number;
}

/** What a run of a dataset selected. */
export interface RunRecord {
  readonly runId: string;
  readonly sequence: number;
  /** Equal for equal requests. */
  readonly spec: string;
  readonly videos: ReadonlyArray<{
    readonly uri: string;
    readonly version: string;
    readonly frames: number;
    readonly framesPerSecond: number | null;
  }>;
  readonly frames: readonly RecordedFrame[];
  readonly counts: Readonly<Record<"frames" | "selectedBefore", number>>;
}

/** The records of other runs of the dataset, in their order. */
export async function earlierRecords(objects: Objects, { datasetUri, runId }: StudioRequest): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  for (const { uri } of await objects.list(`${datasetUri}/runs/`)) {
    records.push(JSON.parse(String(await objects.read(uri))) as RunRecord);
  }
  return records.filter((one) => one.runId !== runId).sort((one, other) => one.sequence - other.sequence);
}

/** The frames of earlier runs, embedded again from their pictures; a picture that is gone no longer counts. */
export async function earlierFrames(objects: Objects, records: readonly RunRecord[]): Promise<FrameSet> {
  const vectors: Float32Array[] = [];
  const metadata: Array<FrameSet["metadata"][number]> = [];
  for (const { uri, frame } of records.flatMap(({ frames }) => frames)) {
    const picture = await objects.read(uri);
    if (picture !== undefined) {
      const image = await readPhoto(picture);
      vectors.push(imageDescriptor.embed(image));
      metadata.push({ ...measureImage(image), frameIndex: frame });
    }
  }
  return { rows: toRows(vectors, imageDescriptor.dimensions), metadata };
}
