import { stat } from "node:fs/promises";
import { basename as lastSegment, resolve } from "node:path";
import { abortedError, PipelineError } from "../../errors/pipeline-error.ts";
import type { Clock } from "../../polling/clock.ts";
import { freeMemory } from "../http/free-memory.ts";
import { parseSourceUrl } from "../http/source-url.ts";
import { openUrlStream, type UrlStream } from "../http/url-stream.ts";
import { PartFile } from "./part-file.ts";
import type { PickedVideo } from "./pick-video.ts";

/** What {@link downloadVideo} takes. */
export interface DownloadRequest {
  readonly url: string;
  /** Made when it does not exist. */
  readonly folder: string;
  readonly basename: string;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly onProgress?: (progress: { loadedBytes: number; totalBytes?: number }) => void;
}

/** A file that is complete. */
export interface DownloadedVideo {
  /** Absolute. */
  readonly filename: string;
  readonly bytes: number;
}

/** `pexels-<id>-<width>x<height>.mp4`, with the size of the file, not of the original. */
export function videoBasename({ id, rendition }: PickedVideo): string {
  return `pexels-${id}-${rendition.width}x${rendition.height}.mp4`;
}

/**
 * Downloads a file. Until it is complete it has a name of its own that ends in `.part`, so that nobody takes it for the file and two
 * downloads of it do not mix. A file that is already there with the announced length is taken as it is.
 *
 * @throws PipelineError `DOWNLOAD_FAILED` (with the reason's code in `details.reason`), `DISK_WRITE_FAILED`, `SOURCE_URL_INVALID`,
 * `INPUT_INVALID` (a name with folders), `ABORTED`
 */
export async function downloadVideo(request: DownloadRequest): Promise<DownloadedVideo> {
  const { folder, basename, signal, clock } = request;
  const url = parseSourceUrl(request.url);
  if (basename === "" || basename === "." || basename === ".." || /[/\\\0]/.test(basename)) {
    throw new PipelineError("INPUT_INVALID", `"${lastSegment(basename)}" is not a plain file name.`);
  }
  const filename = resolve(folder, basename);
  const target = new PartFile(filename);
  let stream: UrlStream | undefined;
  try {
    signal.throwIfAborted();
    let totalBytes: number | undefined;
    const onRestart = (newTotalBytes: number | undefined): Promise<void> => {
      totalBytes = newTotalBytes;
      return target.restart();
    };
    stream = await openUrlStream({ url, signal, onRestart, ...(clock && { clock }) });
    totalBytes = stream.totalBytes;
    if (totalBytes !== undefined && (await sizeOf(filename)) === totalBytes) {
      return { filename, bytes: totalBytes };
    }
    await target.create(resolve(folder));
    for await (const chunk of stream.chunks) {
      const loadedBytes = await target.write(chunk);
      freeMemory(chunk);
      request.onProgress?.({ loadedBytes, ...(totalBytes !== undefined && { totalBytes }) });
    }
    return { filename, bytes: await target.finish() };
  } catch (error) {
    throw signal.aborted ? abortedError(signal.reason) : downloadError(error);
  } finally {
    stream?.close();
    await target.discard();
  }
}

async function sizeOf(filename: string): Promise<number | undefined> {
  const stats = await stat(filename).catch(() => undefined);
  return stats?.isFile() ? stats.size : undefined;
}

function downloadError(error: unknown): unknown {
  if (!(error instanceof PipelineError) || !error.code.startsWith("SOURCE_")) {
    return error;
  }
  return new PipelineError("DOWNLOAD_FAILED", `The download failed: ${error.message}`, {
    retryable: error.retryable,
    details: { ...error.details, reason: error.code },
    cause: error,
  });
}
