import { dirname, resolve } from "node:path";
import { abortedError, PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { freeMemory } from "../free-memory.ts";
import type { AddressRules } from "../guard/guard-address.ts";
import { parseSourceUrl } from "../url/source-url.ts";
import { openUrlStream, type UrlStream } from "../url/url-stream.ts";
import { checkInnerFolder } from "./inner-folder.ts";
import { destinationTaken, entryAt } from "./own-file.ts";
import { diskError, PartFile } from "./part-file.ts";
import { segmentFault } from "./path-segment.ts";

/** What {@link downloadFile} takes. */
export interface DownloadFileOptions {
  readonly url: string;
  /** Made when it does not exist. */
  readonly folder: string;
  /** A folder above, which a link below it must not lead out of; default `folder` itself. */
  readonly root?: string;
  readonly basename: string;
  /**
   * Names the unfinished file, so that the same download in a later process goes on with it, or removes it: letters, digits, `-` and
   * `_`. Nobody else uses it at the same time.
   */
  readonly token?: string;
  /** Asked after an abort: whether the unfinished file stays, since a later call with the same token is to go on with it. */
  readonly isPaused?: () => boolean;
  /** The longest file that is taken, in bytes; default 50 GiB. */
  readonly maxBytes?: number;
  /** How long the download may take, in milliseconds; default 24 h. */
  readonly timeoutMs?: number;
  /** Which addresses may be reached apart from public ones and the administrator's list. */
  readonly addresses?: AddressRules;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly onProgress?: (progress: { loadedBytes: number; totalBytes?: number }) => void;
}

/** A file that is complete. */
export interface DownloadedFile {
  /** Absolute. */
  readonly filename: string;
  readonly bytes: number;
}

/**
 * Downloads a file. Until it is complete it has a name of its own that ends in `.part`, so that nobody takes it for the file and two
 * downloads of it do not mix. A file that is already there with the announced length, or with the same bytes, is taken as it is; any
 * other one is not replaced. What a process of the same token has left behind is gone on with, if the server still has the same file;
 * whatever comes of it, no part is left, unless the download is paused.
 *
 * @throws PipelineError `DOWNLOAD_FAILED` (with the reason's code in `details.reason`), `SOURCE_ADDRESS_REFUSED`, `SOURCE_TOO_LARGE`,
 * `TIMED_OUT`, `DESTINATION_REFUSED`, `DISK_WRITE_FAILED`, `INPUT_INVALID` (an unfit name or token), `ABORTED`
 */
export async function downloadFile(request: DownloadFileOptions): Promise<DownloadedFile> {
  const { signal } = request;
  const root = resolve(request.root ?? request.folder);
  const { filename, target } = location(request);
  let stream: UrlStream | undefined;
  try {
    signal.throwIfAborted();
    const url = parseSourceUrl(request.url);
    await checkInnerFolder(root, dirname(filename));
    const from = await target.end(url);
    let totalBytes: number | undefined;
    const onRestart = (newTotalBytes: number | undefined): Promise<void> => {
      totalBytes = newTotalBytes;
      return target.restart();
    };
    stream = await openUrlStream({ url, signal, onRestart, from, ...streamOptions(request) });
    const { offset, validator, contentType } = stream;
    refuseText(request.basename, contentType);
    totalBytes = stream.totalBytes;
    if (totalBytes !== undefined && (await isThere(filename, totalBytes))) {
      return { filename, bytes: totalBytes };
    }
    const version = validator === undefined || totalBytes === undefined ? undefined : { url, validator, totalBytes };
    await target.open(root, offset, version);
    for await (const chunk of stream.chunks) {
      const loadedBytes = await target.write(chunk);
      freeMemory(chunk);
      request.onProgress?.({ loadedBytes, totalBytes });
    }
    return { filename, bytes: await target.finish() };
  } catch (error) {
    throw signal.aborted ? abortedError(signal.reason) : downloadError(error, filename);
  } finally {
    stream?.close();
    await (signal.aborted && request.isPaused?.() ? target.pause() : target.discard());
  }
}

const TEXT = /^(text\/|application\/(json|xml))/i;

/** What is downloaded here is pictures and videos: a text is the word of a proxy or of a server in trouble. */
function refuseText(basename: string, contentType: string | undefined): void {
  if (TEXT.test(contentType ?? "")) {
    throw new PipelineError("SOURCE_NOT_MEDIA", `the server answers ${contentType} where ${basename} should be.`, {
      retryable: true,
      details: { contentType },
    });
  }
}

/** Removes what a download that was interrupted has left behind. A file that is complete stays. */
export async function discardDownload(interrupted: {
  readonly folder: string;
  readonly basename: string;
  readonly token: string;
}): Promise<void> {
  await location(interrupted).target.discard();
}

function location({ folder, basename, token }: Pick<DownloadFileOptions, "folder" | "basename" | "token">) {
  const fault = segmentFault(basename);
  if (fault !== undefined) {
    throw new PipelineError("INPUT_INVALID", `The file name ${JSON.stringify(basename)} ${fault}.`);
  }
  if (token !== undefined && !/^[\w-]{1,64}$/.test(token)) {
    throw new PipelineError("INPUT_INVALID", `"${token}" can't name an unfinished file.`);
  }
  const filename = resolve(folder, basename);
  return { filename, target: new PartFile(filename, token) };
}

/**
 * Whether the file is there with its length.
 *
 * @throws PipelineError `DESTINATION_REFUSED` when another one is
 */
async function isThere(filename: string, totalBytes: number): Promise<boolean> {
  const there = await entryAt(filename);
  if (there !== "nothing" && (there === "other" || there.bytes !== totalBytes)) {
    throw destinationTaken(filename);
  }
  return there !== "nothing";
}

function streamOptions({ clock, maxBytes, timeoutMs, addresses }: DownloadFileOptions) {
  return {
    clock,
    maxBytes,
    timeoutMs,
    addresses,
  };
}

/** Of these the code itself says what to do. */
const TOLD_AS_THEY_ARE = new Set(["SOURCE_ADDRESS_REFUSED", "SOURCE_TOO_LARGE"]);

function downloadError(error: unknown, filename: string): unknown {
  if (error instanceof Error && "syscall" in error) {
    return diskError(filename, error);
  }
  if (!(error instanceof PipelineError) || !error.code.startsWith("SOURCE_") || TOLD_AS_THEY_ARE.has(error.code)) {
    return error;
  }
  return new PipelineError("DOWNLOAD_FAILED", `The download failed: ${error.message}`, {
    retryable: error.retryable,
    details: { ...error.details, reason: error.code },
    cause: error,
  });
}
