import { parsed } from "../client/answers.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { responseError } from "../client/lightly-error.ts";
import { readPages } from "../client/read-pages.ts";
import { apiPath, type LightlyAnswer } from "../client/send-request.ts";
import { namesIn } from "../tags/selected-filenames.ts";
import { arrayOf, object } from "../validation/container-rules.ts";
import { orNull, string } from "../validation/value-rules.ts";

/** Small enough that the last URL of a page is still fresh when its turn comes. */
const PAGE_SIZE = 500;
/** A page is read when its frames are wanted, so its URLs do not add up; half a million frames of 2 KiB. */
const LIMITS = { maxItems: 500_000, maxBytes: 2 ** 30 } as const;

const GROWING = { otherKeys: "ignored" } as const;
const TASKS = arrayOf(
  object({ data: object({ image: string({ min: 1 }) }, { lightlyFileName: orNull(string()) }, GROWING) }, {}, GROWING),
);

/** What Lightly knows of a sample in a tag, as far as it tells. */
export interface TaggedFrame {
  /** Lightly's name of it, relative to the datasource. */
  readonly fileName: string;
  readonly sampleId?: string;
  /** The video that the frame is from, relative to the datasource. */
  readonly video?: string;
  /** Its place in the video, from 0. */
  readonly frame?: number;
  readonly timeSeconds?: number;
  readonly width?: number;
  readonly height?: number;
}

/** A frame and where to read it. */
export interface ReadableFrame extends TaggedFrame {
  /** A secret: whoever has it may read the frame. */
  readonly readUrl: string;
  /** `s3://bucket/prefix/name`, where that was asked for. */
  readonly uri?: string;
}

/** What {@link taggedFrames} takes. */
export interface TaggedFramesOptions {
  readonly client: LightlyClient;
  readonly datasetId: string;
  readonly tagId: string;
  /** For how long the URLs are to be good. Without it Lightly makes some that never expire. */
  readonly urlSeconds: number;
  /** Also asks for the place of each frame in its datasource. */
  readonly withUris?: boolean;
  readonly pageSize?: number;
  readonly signal: AbortSignal;
}

/**
 * The samples of a tag in the order of its bits, page by page: from Lightly's export for Label Studio, which tells name, address and
 * metadata of each in one go.
 *
 * @throws PipelineError, see {@link LightlyClient}; `LIGHTLY_RESPONSE_INVALID` also when two exports differ
 */
export async function* taggedFrames(o: TaggedFramesOptions): AsyncGenerator<ReadableFrame[]> {
  const { client, datasetId, tagId, urlSeconds, withUris = false, pageSize = PAGE_SIZE, signal } = o;
  const tag = apiPath`/v1/datasets/${datasetId}/tags/${tagId}/export`;
  const path = `${tag}/LabelStudio/tasks`;
  const names = `${tag}/basic/filenames`;
  const uriPages = withUris
    ? readPages({
        client,
        path: names,
        query: [["fileNameFormat", "DATASOURCE_FULL"]],
        itemsIn: namesIn,
        pageSize,
        signal,
      })
    : undefined;
  const query = [
    ["expiresIn", String(Math.round(urlSeconds))],
    ["fileNameFormat", "NAME"],
    ["includeMetaData", "true"],
  ] as const;
  let first: string | undefined;
  for await (const page of readPages({ client, path, query, itemsIn: framesIn, pageSize, limits: LIMITS, signal })) {
    // Signed URLs differ each time, so that the same page does not look the same to the reader of pages.
    if (page.length > 0 && page[0]?.fileName === first) {
      throw responseError(`GET ${path}`, "is the same page again");
    }
    first = page[0]?.fileName;
    const uris = uriPages && ((await uriPages.next()).value ?? []);
    if (uris && uris.length !== page.length) {
      throw responseError(`GET ${names}`, `has ${uris.length} names where the other export has ${page.length}`);
    }
    yield page.map((frame, index) => ({ ...frame, ...(uris && { uri: uris[index] ?? "" }) }));
  }
}

function framesIn(answer: LightlyAnswer): ReadableFrame[] {
  return parsed(answer, TASKS).map(({ data }) => {
    const { lightlyFileName, lightlyMetaInfo, image } = data as typeof data & { lightlyMetaInfo?: unknown };
    const sample = record(lightlyMetaInfo);
    const fileName = lightlyFileName || textOf(sample.fileName);
    if (!fileName) {
      throw responseError(answer.endpoint, "has a sample without a name");
    }
    return { fileName, ...factsOf(sample), readUrl: image };
  });
}

/** The metadata are extra: what is of another form than expected is left out. */
function factsOf(sample: Record<string, unknown>): Omit<TaggedFrame, "fileName"> {
  const { sourceVideo, sourceVideoFrameIndex, sourceVideoFrameTimestamp } = record(sample.videoFrameData);
  const { shape } = record(sample.metaData);
  const [height, width] = Array.isArray(shape) ? shape.map(countOf) : [];
  const facts = {
    sampleId: textOf(sample.id),
    video: textOf(sourceVideo),
    frame: countOf(sourceVideoFrameIndex),
    timeSeconds: countOf(sourceVideoFrameTimestamp),
    width,
    height,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}
