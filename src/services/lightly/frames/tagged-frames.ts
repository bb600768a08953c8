import type { LightlyClient } from "../client/lightly-client.ts";
import { responseError } from "../client/lightly-error.ts";
import { readPages } from "../client/read-pages.ts";
import { parseResponse } from "../client/responses.ts";
import { apiPath, type LightlyResponse } from "../client/send-request.ts";
import { parseNames } from "../tags/selected-filenames.ts";
import { arrayOf, object } from "../validation/container-rules.ts";
import { orNull, string } from "../validation/value-rules.ts";

/** Small enough that the last URL of a page has not expired when it is used. */
const PAGE_SIZE = 500;
/** Half a million frames of 2 KiB. Pages are read on demand, so they are not in memory at the same time. */
const LIMITS = { maxItems: 500_000, maxBytes: 2 ** 30 } as const;

const IGNORE_OTHER_KEYS = { otherKeys: "ignored" } as const;
const TASKS = arrayOf(
  object(
    { data: object({ image: string({ min: 1 }) }, { lightlyFileName: orNull(string()) }, IGNORE_OTHER_KEYS) },
    {},
    IGNORE_OTHER_KEYS,
  ),
);

/** A sample in a tag. Each optional member is set if Lightly returns it. */
export interface TaggedFrame {
  /** The path relative to the datasource. */
  readonly fileName: string;
  readonly sampleId?: string;
  /** The video that the frame is from, relative to the datasource. */
  readonly video?: string;
  /** The index of the frame in the video, from 0. */
  readonly frame?: number;
  readonly timeSeconds?: number;
  readonly width?: number;
  readonly height?: number;
}

/** A frame and its URL. */
export interface ReadableFrame extends TaggedFrame {
  /** A signed URL: a secret. */
  readonly readUrl: string;
  /** `s3://bucket/prefix/name`, if requested. */
  readonly uri?: string;
}

export interface TaggedFramesOptions {
  readonly client: LightlyClient;
  readonly datasetId: string;
  readonly tagId: string;
  /** How long the URLs are valid. Always sent, because Lightly's default is URLs that never expire. */
  readonly urlSeconds: number;
  /** Whether to return the URI of each frame in its datasource too. */
  readonly withUris?: boolean;
  readonly pageSize?: number;
  readonly signal: AbortSignal;
}

/**
 * Reads the samples of a tag page by page, in the order of its bits. The source is Lightly's export for Label Studio, which contains name,
 * URL and metadata of each sample.
 *
 * @throws PipelineError, see {@link LightlyClient}; `LIGHTLY_RESPONSE_INVALID` also if two exports differ
 */
export async function* taggedFrames(options: TaggedFramesOptions): AsyncGenerator<ReadableFrame[]> {
  const { client, datasetId, tagId, urlSeconds, withUris = false, pageSize = PAGE_SIZE, signal } = options;
  const tag = apiPath`/v1/datasets/${datasetId}/tags/${tagId}/export`;
  const path = `${tag}/LabelStudio/tasks`;
  const names = `${tag}/basic/filenames`;
  const uriPages = withUris
    ? readPages({
        client,
        path: names,
        query: [["fileNameFormat", "DATASOURCE_FULL"]],
        itemsIn: parseNames,
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
    // `readPages` can't detect a repeated page here, because its signed URLs differ each time.
    if (page.length > 0 && page[0]?.fileName === first) {
      throw responseError(`GET ${path}`, "is the same page again");
    }
    first = page[0]?.fileName;
    const uris = uriPages && ((await uriPages.next()).value ?? []);
    if (uris && uris.length !== page.length) {
      throw responseError(`GET ${names}`, `has ${uris.length} names, but the other export has ${page.length}`);
    }
    yield page.map((frame, index) => ({ ...frame, ...(uris && { uri: uris[index] ?? "" }) }));
  }
}

function framesIn(response: LightlyResponse): ReadableFrame[] {
  return parseResponse(response, TASKS).map(({ data }) => {
    const { lightlyFileName, lightlyMetaInfo, image } = data as typeof data & { lightlyMetaInfo?: unknown };
    const sample = recordOf(lightlyMetaInfo);
    const fileName = lightlyFileName || textOf(sample.fileName);
    if (!fileName) {
      throw responseError(response.endpoint, "has a sample without a name");
    }
    return { fileName, ...metadataOf(sample), readUrl: image };
  });
}

/** Metadata is optional: values with an unexpected type are left out. */
function metadataOf(sample: Record<string, unknown>): Omit<TaggedFrame, "fileName"> {
  const { sourceVideo, sourceVideoFrameIndex, sourceVideoFrameTimestamp } = recordOf(sample.videoFrameData);
  const { shape } = recordOf(sample.metaData);
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

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}
