import { abortedError, PipelineError } from "../../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../../polling/clock.ts";
import { sleepOrAbort } from "../../../polling/sleep-or-abort.ts";
import type { ByteReader } from "../byte-reader.ts";
import type { AddressRules } from "../guard/guard-address.ts";
import { REQUEST_DELAY } from "../retry.ts";
import { connectUrl, type UrlConnection } from "./connect-url.ts";
import { emptyError, type ReadFrom } from "./open-url.ts";
import { MAX_DOWNLOAD_BYTES, tooLargeError } from "./stream-limits.ts";
import { changedError, connectionError, incompleteError, mayReadWhole, mayResume } from "./url-errors.ts";

/** How many times in a row an interrupted read is resumed before it fails. */
const RESUME_LIMIT = 5;
/** After this many bytes from one connection, the count of failures starts again. */
const PROGRESS_BYTES = 1024 * 1024;

export interface UrlStreamOptions {
  readonly url: URL;
  /** Ends requests, reads and delays. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Maximum time without any bytes from the server, in milliseconds; default 60 s. */
  readonly stallMs?: number;
  /** Maximum size of the file in bytes; default {@link MAX_DOWNLOAD_BYTES}. */
  readonly maxBytes?: number;
  /** Limit from the first request to the last byte in milliseconds; default 24 h. */
  readonly timeoutMs?: number;
  /** Whether the file is large: it is read over connections of its own, which is much cheaper per byte and dearer per request. */
  readonly isLarge?: boolean;
  /** Addresses that are allowed besides public ones and the administrator's list. */
  readonly addresses?: AddressRules;
  /** Where an earlier read of the file ended; the stream's `offset` shows whether it resumes there. */
  readonly from?: ReadFrom & { readonly totalBytes: number };
  /**
   * Called when an interrupted read has to start again at the first byte, which then follows. Without it such a read fails, because
   * the consumer already has the first bytes.
   */
  readonly onRestart?: (totalBytes: number | undefined) => Promise<void>;
}

/** Reads a file, or a part of it, to its end over as many connections as needed, starting with an open one. */
export class UrlReader implements ByteReader {
  readonly #options: UrlStreamOptions;
  #connection: UrlConnection;
  #totalBytes: number | undefined;
  /** Where the part ends. */
  readonly #until: number | undefined;
  #validator: string | undefined;
  #receivedBytes: number;
  /** Bytes at the start of this connection that were received before: the server started at 0 again, with the same version of the file. */
  #surplus = 0;
  #restarts = 0;
  #isComplete = false;
  #failures = 0;
  // The position at which the count of failures last started again. It never decreases, so a server that always ends at the same byte
  // is not requested endlessly.
  #markBytes: number;

  constructor(options: UrlStreamOptions, first: UrlConnection) {
    this.#options = options;
    const { offset, totalBytes, validator } = first.opened;
    this.#connection = first;
    this.#totalBytes = totalBytes;
    this.#validator = validator ?? (offset > 0 ? options.from?.validator : undefined);
    this.#receivedBytes = offset;
    this.#until = options.from?.until;
    this.#markBytes = offset;
  }

  close(): void {
    this.#connection.close();
  }

  /** The file as chunks of the connection, whose memory the consumer may free. */
  async *chunks(): AsyncGenerator<Buffer, void, undefined> {
    try {
      while (!(await this.isAtEnd())) {
        const chunk = this.#connection.body.take();
        if (chunk !== undefined) {
          this.#count(chunk.byteLength);
          yield chunk;
        }
      }
    } finally {
      this.close();
    }
  }

  /** Fills a buffer. Returns the number of bytes, which is smaller only at the end. */
  async read(target: Uint8Array): Promise<number> {
    let restarts = this.#restarts;
    let filled = await this.#readOn(target);
    while (filled < target.byteLength && !(await this.isAtEnd())) {
      if (restarts !== this.#restarts) {
        restarts = this.#restarts;
        filled = 0;
      }
      const read = await this.#connection.body.fill(target.subarray(filled));
      this.#count(read);
      filled += read;
    }
    return filled;
  }

  /** Reads without a look at what comes, which would be one more wait, and each wait is 1 KiB of garbage. */
  async #readOn(target: Uint8Array): Promise<number> {
    if (this.#isComplete || this.#surplus > 0 || this.#receivedBytes === this.#until) {
      return 0;
    }
    const read = await this.#connection.body.fill(target);
    this.#count(read);
    return read;
  }

  /** Whether the file is over; otherwise bytes of it have arrived. Reconnects as often as necessary. */
  async isAtEnd(): Promise<boolean> {
    while (!this.#isComplete) {
      const { body } = this.#connection;
      if (this.#receivedBytes === this.#until) {
        // A server that ignores the range continues with the rest of the file.
        this.#complete();
        break;
      }
      await body.peek();
      const failure = this.#failure();
      if (failure !== undefined) {
        await this.#reconnect(failure.error);
      } else if (body.over !== undefined) {
        this.#complete();
      } else if (this.#surplus === 0) {
        return false;
      } else {
        this.#surplus -= body.skip(this.#surplus);
      }
    }
    return true;
  }

  #complete(): void {
    this.#isComplete = true;
    this.close();
    if (this.#receivedBytes === 0) {
      throw emptyError(this.#options.url);
    }
  }

  /** Why the connection has ended before the end of the file. */
  #failure(): { readonly error: unknown } | undefined {
    const { body, signal } = this.#connection;
    if (signal.aborted) {
      return { error: signal.reason }; // an abort discards the buffer of node:http, which looks like the end of the body
    }
    const { over } = body;
    if (over === undefined || "error" in over) {
      return over as { readonly error: unknown } | undefined;
    }
    const end = this.#until ?? this.#totalBytes;
    const isWhole = end === undefined || this.#receivedBytes === end;
    return isWhole ? undefined : { error: "early end" };
  }

  #count(bytes: number): void {
    const { url, maxBytes = MAX_DOWNLOAD_BYTES } = this.#options;
    this.#receivedBytes += bytes;
    if (this.#receivedBytes > maxBytes) {
      throw tooLargeError(url, maxBytes);
    }
    if (this.#totalBytes !== undefined && this.#receivedBytes > this.#totalBytes) {
      throw changedError(url);
    }
  }

  async #reconnect(failure: unknown): Promise<void> {
    const { url, signal, clock = systemClock, onRestart } = this.#options;
    this.#connection.close();
    if (signal.aborted) {
      throw abortedError(signal.reason);
    }
    this.#countFailure();
    const canGoOn = this.#receivedBytes === 0 || this.#validator !== undefined || onRestart !== undefined;
    if (this.#failures > RESUME_LIMIT || !canGoOn) {
      const cause = failure instanceof PipelineError ? failure : connectionError(url, failure);
      throw incompleteError(url, this.#receivedBytes, this.#totalBytes, cause);
    }
    await sleepOrAbort(clock, REQUEST_DELAY(this.#failures), signal);
    try {
      this.#connection = await this.#connectAgain();
    } catch (error) {
      if (mayResume(error)) {
        return this.#reconnect(error);
      }
      throw error;
    }
    await this.#continue();
  }

  async #connectAgain(): Promise<UrlConnection> {
    try {
      return await connectUrl(this.#options, this.#readFrom());
    } catch (error) {
      if (mayReadWhole(error) && this.#options.onRestart !== undefined) {
        return await connectUrl(this.#options);
      }
      throw error;
    }
  }

  #countFailure(): void {
    const hasProgressed = this.#receivedBytes - this.#markBytes >= PROGRESS_BYTES;
    this.#failures = hasProgressed ? 1 : this.#failures + 1;
    this.#markBytes = hasProgressed ? this.#receivedBytes : this.#markBytes;
  }

  #readFrom(): ReadFrom | undefined {
    const validator = this.#validator;
    return validator === undefined || (this.#receivedBytes === 0 && this.#until === undefined)
      ? undefined
      : { offset: this.#receivedBytes, until: this.#until, validator };
  }

  /** Checks whether the new connection continues the bytes that were received. */
  async #continue(): Promise<void> {
    const { url, onRestart } = this.#options;
    const { offset, validator, totalBytes = offset > 0 ? this.#totalBytes : undefined } = this.#connection.opened;
    const isSameFile = offset > 0 || (validator !== undefined && validator === this.#validator);
    if (totalBytes === this.#totalBytes && (this.#receivedBytes === 0 || isSameFile)) {
      this.#validator = validator ?? this.#validator;
      this.#surplus = this.#receivedBytes - offset;
      return;
    }
    if (onRestart === undefined) {
      throw changedError(url);
    }
    await onRestart(totalBytes);
    this.#restarts += 1;
    this.#surplus = 0;
    this.#receivedBytes = 0;
    this.#totalBytes = totalBytes;
    this.#validator = validator;
  }
}
