import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { formatDuration } from "../../../polling/format-duration.ts";
import type { ByteReader } from "../byte-reader.ts";
import { displayUrl } from "./source-url.ts";

/** Maximum file size where no other limit is set: a server can send endlessly. */
export const MAX_DOWNLOAD_BYTES = 50 * 2 ** 30;
/** Maximum time for one file where no other limit is set, 24 h: a server can send one byte a minute. */
export const MAX_DOWNLOAD_MS = 24 * 3_600_000;

/** The error for a file that is larger than the limit: `SOURCE_TOO_LARGE`. */
export function tooLargeError(url: URL, maxBytes: number): PipelineError {
  return new PipelineError(
    "SOURCE_TOO_LARGE",
    `${displayUrl(url)} is larger than the limit of ${formatSize(maxBytes)}. Check the address, or raise the limit if the node has a field for it.`,
    { details: { url: displayUrl(url), maxBytes } },
  );
}

/** Closes a connection whose announced length is above the limit. @throws PipelineError `SOURCE_TOO_LARGE` */
export function refuseTooLarge(
  { url, maxBytes = MAX_DOWNLOAD_BYTES }: { readonly url: URL; readonly maxBytes?: number },
  bytes: number | undefined,
  close: () => void,
): void {
  if (bytes !== undefined && bytes > maxBytes) {
    close();
    throw tooLargeError(url, maxBytes);
  }
}

/** The time limit of a whole download. Its `signal` is aborted by that of the caller, and at the limit. */
export class TimeLimit {
  readonly signal: AbortSignal;
  readonly #callers: AbortSignal;
  readonly #passed = new AbortController();
  readonly #stopped = new AbortController();

  constructor(options: {
    readonly url: URL;
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
    readonly clock: Clock;
  }) {
    this.#callers = options.signal;
    this.signal = AbortSignal.any([options.signal, this.#passed.signal]);
    options.clock.sleep(options.timeoutMs, this.#stopped.signal).then(
      () => this.#passed.abort(timedOutError(options.url, options.timeoutMs)),
      () => {}, // stopped
    );
  }

  /** The error to throw instead of `error`: `TIMED_OUT` if the limit has ended the download. */
  explain(error: unknown): unknown {
    return this.#passed.signal.aborted && !this.#callers.aborted ? this.#passed.signal.reason : error;
  }

  /** A reader that fails with `TIMED_OUT` at the limit. */
  limited(reader: ByteReader): ByteReader {
    const fail = (error: unknown): never => {
      this.stop();
      throw this.explain(error);
    };
    return {
      read: (target) => reader.read(target).catch(fail),
      isAtEnd: () => reader.isAtEnd().catch(fail),
    };
  }

  stop(): void {
    this.#stopped.abort();
  }
}

function timedOutError(url: URL, timeoutMs: number): PipelineError {
  return new PipelineError(
    "TIMED_OUT",
    `${displayUrl(url)} was not read completely within ${formatDuration(timeoutMs)}. Check the server, or raise the limit if the node has a field for it.`,
    { details: { url: displayUrl(url), timeoutMs } },
  );
}

function formatSize(bytes: number): string {
  const [unit, size] = bytes >= 2 ** 30 ? ["GiB", 2 ** 30] : bytes >= 2 ** 20 ? ["MiB", 2 ** 20] : ["bytes", 1];
  return `${Number((bytes / Number(size)).toFixed(2))} ${unit}`;
}
