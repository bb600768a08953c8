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

export interface DownloadFileOptions {
  readonly url: string;
  /** Created if it does not exist. */
  readonly folder: string;
  /** A parent folder that links must not lead out of; default `folder` itself. */
  readonly root?: string;
  readonly basename: string;
  /**
   * Part of the name of the unfinished file, so that the same download in a later process resumes or removes it: letters, digits, `-`
   * and `_`. Must be unique among running downloads.
   */
  readonly token?: string;
  /** Called after an abort: whether the unfinished file stays, because a later call with the same token resumes it. */
  readonly isPaused?: () => boolean;
  /** Maximum size of the file in bytes; default 50 GiB. */
  readonly maxBytes?: number;
  /** Limit for the whole download in milliseconds; default 24 h. */
  readonly timeoutMs?: number;
  /** Whether the file is large: see `UrlStreamOptions`. */
  readonly isLarge?: boolean;
  /** Addresses that are allowed besides public ones and the administrator's list. */
  readonly addresses?: AddressRules;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly onProgress?: (progress: { loadedBytes: number; totalBytes?: number }) => void;
}

/** A complete file. */
export interface DownloadedFile {
  /** Absolute path. */
  readonly filename: string;
  readonly bytes: number;
}

/**
 * Downloads a file. Until it is complete it has its own name that ends in `.part`, so that an incomplete file is never used and two
 * downloads of it do not mix. An existing file with the announced length, or with the same bytes, is the result; any other one is not
 * replaced. The unfinished file of a previous process with the same token is continued if the server still has the same file. At the
 * end no unfinished file is left, unless the download is paused.
 *
 * @throws PipelineError `DOWNLOAD_FAILED` (with the reason's code in `details.reason`), `SOURCE_ADDRESS_REFUSED`, `SOURCE_TOO_LARGE`,
 * `TIMED_OUT`, `DESTINATION_REFUSED`, `DISK_WRITE_FAILED`, `INPUT_INVALID` (not a valid name or token), `ABORTED`
 */
export async function downloadFile(request: DownloadFileOptions): Promise<DownloadedFile> {
  const { signal } = request;
  const root = resolve(request.root ?? request.folder);
  const { filename, target } = locate(request);
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
    if (totalBytes !== undefined && (await exists(filename, totalBytes))) {
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

/** Only pictures and videos are downloaded here: text is an error page of a proxy or server. */
function refuseText(basename: string, contentType: string | undefined): void {
  if (TEXT.test(contentType ?? "")) {
    throw new PipelineError(
      "SOURCE_NOT_MEDIA",
      `the server sent ${contentType} instead of ${basename}. Check the address, or try again later.`,
      {
        retryable: true,
        details: { contentType },
      },
    );
  }
}

/** Removes the unfinished file of an interrupted download. A complete file stays. */
export async function discardDownload(interrupted: {
  readonly folder: string;
  readonly basename: string;
  readonly token: string;
}): Promise<void> {
  await locate(interrupted).target.discard();
}

function locate({ folder, basename, token }: Pick<DownloadFileOptions, "folder" | "basename" | "token">) {
  const fault = segmentFault(basename);
  if (fault !== undefined) {
    throw new PipelineError(
      "INPUT_INVALID",
      `The file name ${JSON.stringify(basename)} ${fault}. Choose another name.`,
    );
  }
  if (token !== undefined && !/^[\w-]{1,64}$/.test(token)) {
    throw new PipelineError(
      "INPUT_INVALID",
      `"${token}" is not a valid token for an unfinished file: use 1 to 64 letters, digits, "-" and "_".`,
    );
  }
  const filename = resolve(folder, basename);
  return { filename, target: new PartFile(filename, token) };
}

/**
 * Whether the file exists with the announced length.
 *
 * @throws PipelineError `DESTINATION_REFUSED` if another one exists
 */
async function exists(filename: string, totalBytes: number): Promise<boolean> {
  const entry = await entryAt(filename);
  if (entry !== "nothing" && (entry === "other" || entry.bytes !== totalBytes)) {
    throw destinationTaken(filename);
  }
  return entry !== "nothing";
}

function streamOptions({ clock, maxBytes, timeoutMs, addresses, isLarge }: DownloadFileOptions) {
  return {
    clock,
    maxBytes,
    timeoutMs,
    addresses,
    isLarge,
  };
}

/** Codes that are passed on, because they say what to do. */
const PASSED_ON = new Set(["SOURCE_ADDRESS_REFUSED", "SOURCE_TOO_LARGE"]);

function downloadError(error: unknown, filename: string): unknown {
  if (error instanceof Error && "syscall" in error) {
    return diskError(filename, error);
  }
  if (!(error instanceof PipelineError) || !error.code.startsWith("SOURCE_") || PASSED_ON.has(error.code)) {
    return error;
  }
  return new PipelineError("DOWNLOAD_FAILED", `The download failed: ${error.message}`, {
    retryable: error.retryable,
    details: { ...error.details, reason: error.code },
    cause: error,
  });
}
