import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { displayUrl } from "./source-url.ts";

/** The longest file that is read where no other limit is set: a server can send without end. */
export const MAX_DOWNLOAD_BYTES = 50 * 2 ** 30;
/** The longest that one file may take where no other limit is set, 24 h: a server can send one byte a minute. */
export const MAX_DOWNLOAD_MS = 24 * 3_600_000;

/** The error for a file that is longer than the limit: `SOURCE_TOO_LARGE`. */
export function tooLargeError(url: URL, maxBytes: number): PipelineError {
  return new PipelineError(
    "SOURCE_TOO_LARGE",
    `${displayUrl(url)} is longer than the limit of ${sizeText(maxBytes)}. Check the address, or raise the limit if the form of the node has one.`,
    { details: { url: displayUrl(url), maxBytes } },
  );
}

/** A limit of the time that a whole download takes. Its `signal` is aborted by the caller's, and when the time is over. */
export class TimeLimit {
  readonly signal: AbortSignal;
  readonly #callers: AbortSignal;
  readonly #passed = new AbortController();
  readonly #stopped = new AbortController();

  constructor(o: {
    readonly url: URL;
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
    readonly clock: Clock;
  }) {
    this.#callers = o.signal;
    this.signal = AbortSignal.any([o.signal, this.#passed.signal]);
    o.clock.sleep(o.timeoutMs, this.#stopped.signal).then(
      () => this.#passed.abort(timedOutError(o.url, o.timeoutMs)),
      () => {}, // stopped
    );
  }

  /** The error to throw instead of `error`: the limit's own one, if it was the limit that ended the download. */
  told(error: unknown): unknown {
    return this.#passed.signal.aborted && !this.#callers.aborted ? this.#passed.signal.reason : error;
  }

  stop(): void {
    this.#stopped.abort();
  }
}

function timedOutError(url: URL, timeoutMs: number): PipelineError {
  return new PipelineError(
    "TIMED_OUT",
    `${displayUrl(url)} was not read to its end within ${durationText(timeoutMs)}. Check the server, or raise the limit if the form of the node has one.`,
    { details: { url: displayUrl(url), timeoutMs } },
  );
}

function sizeText(bytes: number): string {
  const [unit, size] = bytes >= 2 ** 30 ? ["GiB", 2 ** 30] : bytes >= 2 ** 20 ? ["MiB", 2 ** 20] : ["bytes", 1];
  return `${Number((bytes / Number(size)).toFixed(2))} ${unit}`;
}

function durationText(ms: number): string {
  return ms >= 60_000 ? `${Number((ms / 60_000).toFixed(1))} min` : `${ms / 1000} s`;
}
