import { PipelineError } from "../../errors/pipeline-error.ts";
import { hostEntry } from "../http/guard/host-allowlist.ts";
import { readText } from "../http/url/read-text.ts";
import { parseSourceUrl } from "../http/url/source-url.ts";
import { openUrlStream } from "../http/url/url-stream.ts";
import type { LightlyClient } from "../lightly/client/lightly-client.ts";
import { sampleIdOf, sampleReadUrl } from "../lightly/frames/sample-picture.ts";
import { selectionDistances } from "../lightly/frames/selection-distances.ts";
import { taggedFrames } from "../lightly/frames/tagged-frames.ts";
import { selectedFilenames } from "../lightly/tags/selected-filenames.ts";
import { positionOf } from "./formats.ts";
import type {
  LinkedFrame,
  OpenPictureOptions,
  PictureStream,
  ReadableOptions,
  SelectedFrame,
  SelectedFrames,
} from "./selected-frames.ts";

/** Where only the facts are needed, the URLs are not used, so their lifetime does not matter. */
const UNUSED_URL_SECONDS = 3600;
const MAX_REPORT_BYTES = 32 * 2 ** 20;

export interface PlatformFramesOptions {
  readonly client: LightlyClient;
  readonly datasetId: string;
  readonly tagId: string;
  readonly name?: string;
  readonly total?: number;
  /** The datasources of the run, from which S3 may copy. */
  readonly sources?: readonly string[];
  /** The worker run whose report contains the distances of the frames, if they are needed. */
  readonly workerRunId?: string;
}

/** The frames of a tag on Lightly's platform. */
export function platformFrames(options: PlatformFramesOptions): SelectedFrames {
  const { client, datasetId, tagId, name = tagId, total = 0, sources = [], workerRunId } = options;
  const addresses = { allow: hostEntry(client.server), through: client.connections };
  return {
    id: `${datasetId}/${tagId}`,
    ...{ name, total, sources, addresses },
    hasDistances: workerRunId !== undefined,
    hasThumbnails: true,
    frames: ({ namesOnly = false, signal }) =>
      namesOnly ? names({ client, datasetId, tagId, signal }) : facts(options, addresses, signal),
    readable: (reading: ReadableOptions): AsyncIterable<LinkedFrame[]> =>
      taggedFrames({ client, datasetId, tagId, ...reading }),
    open: (frame, opening) => openSample(options, addresses, frame, opening),
  };
}

async function* names(of: Parameters<typeof selectedFilenames>[0]): AsyncGenerator<SelectedFrame[]> {
  yield (await selectedFilenames(of)).map((fileName) => ({ fileName }));
}

async function* facts(
  { client, datasetId, tagId, workerRunId }: PlatformFramesOptions,
  addresses: SelectedFrames["addresses"],
  signal: AbortSignal,
): AsyncGenerator<SelectedFrame[]> {
  // Distances are optional: if the report can't be read, frames are shown without them.
  const distances =
    workerRunId === undefined
      ? undefined
      : await selectionDistances({
          ...{ client, workerRunId, signal },
          readText: (url) => readText({ url, maxBytes: MAX_REPORT_BYTES, addresses, signal }),
        }).catch(() => undefined);
  for await (const page of taggedFrames({ client, datasetId, tagId, urlSeconds: UNUSED_URL_SECONDS, signal })) {
    yield page.map(({ readUrl: _secret, ...frame }) => {
      const distance = distances?.get(frame.fileName);
      return { ...frame, ...positionOf(frame), ...(distance !== undefined && { distance }) };
    });
  }
}

async function openSample(
  { client, datasetId }: PlatformFramesOptions,
  addresses: SelectedFrames["addresses"],
  { fileName, sampleId: known }: SelectedFrame,
  { size: type, maxBytes, timeoutMs, signal }: OpenPictureOptions,
): Promise<PictureStream> {
  const sampleId = known ?? (await sampleIdOf({ client, datasetId, fileName, signal }));
  if (sampleId === undefined) {
    throw new PipelineError("SOURCE_NOT_FOUND", `The sample "${fileName}" is no longer in the dataset.`);
  }
  const url = parseSourceUrl(await sampleReadUrl({ client, datasetId, sampleId, type, signal }));
  return openUrlStream({ url, maxBytes, timeoutMs, addresses, signal });
}
