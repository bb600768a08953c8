import { abortedError } from "../../../errors/pipeline-error.ts";
import type { ByteReader } from "../byte-reader.ts";
import { retry } from "../retry.ts";
import { connectUrl, type UrlConnection } from "./connect-url.ts";
import { changedError, mayResume, noRangesError } from "./url-errors.ts";
import { UrlReader, type UrlStreamOptions } from "./url-reader.ts";

/** Bytes of one request. A kept connection costs one round trip per request, which is little beside the time of so many bytes. */
export const RANGE_BYTES = 4 * 1024 * 1024;

/** A file whose server has responded to a request for its first range. */
interface RangedFile {
  readonly totalBytes: number;
  readonly validator: string;
}

/** A range that is being read. */
interface Range {
  readonly offset: number;
  /** The number of bytes in the target when the range is read. */
  readonly filled: Promise<number>;
  /** The part of the buffer for its bytes. */
  readonly target: Uint8Array;
  readonly buffer: Uint8Array;
}

/**
 * Reads a file by several requests at a time, each for a range, because many servers limit the rate of a connection. The consumer gets the
 * bytes in order; as many ranges as there are requests are in memory. An interrupted range is resumed like a whole file. All ranges are of
 * the same version of the file, or the read fails. Each request that the server refuses while others run means one less from then on: many
 * servers limit the number of connections.
 */
export class RangeReader implements ByteReader {
  readonly #options: UrlStreamOptions;
  readonly #file: RangedFile;
  readonly #closed = new AbortController();
  /** Ranges in the order of the file, of which the first one is being consumed. */
  readonly #ranges: Range[] = [];
  /** Buffers of ranges that were read again when no others were. */
  readonly #retired = new WeakSet<Uint8Array>();
  #nextOffset = 0;
  /** Bytes of the first range that are consumed. */
  #position = 0;
  #consumed = 0;

  /**
   * @param first - the response to the request for the first range
   * @param atOnce - number of simultaneous requests
   */
  constructor(options: UrlStreamOptions, first: UrlConnection, file: RangedFile, atOnce: number) {
    const signal = AbortSignal.any([options.signal, this.#closed.signal]);
    this.#options = { ...options, signal };
    this.#file = file;
    const count = Math.min(atOnce, Math.ceil(file.totalBytes / RANGE_BYTES));
    for (let index = 0; index < count; index += 1) {
      this.#start(Buffer.allocUnsafe(RANGE_BYTES), index === 0 ? first : undefined);
    }
  }

  async read(target: Uint8Array): Promise<number> {
    const [range] = this.#ranges;
    if (range === undefined) {
      return 0;
    }
    const filled = await this.#untilFilled(range);
    const bytes = range.buffer.subarray(this.#position, Math.min(filled, this.#position + target.byteLength));
    target.set(bytes);
    this.#position += bytes.byteLength;
    this.#consumed += bytes.byteLength;
    if (this.#position === filled) {
      this.#position = 0;
      this.#ranges.shift();
      if (!this.#retired.has(range.buffer)) {
        this.#start(range.buffer);
      }
    }
    return bytes.byteLength;
  }

  async isAtEnd(): Promise<boolean> {
    return this.#consumed === this.#file.totalBytes;
  }

  close(): void {
    this.#closed.abort();
  }

  /** Starts to read the next range of the file, if there is one. */
  #start(buffer: Uint8Array, connection?: UrlConnection): void {
    const offset = this.#nextOffset;
    const until = Math.min(offset + RANGE_BYTES, this.#file.totalBytes);
    if (offset < until) {
      this.#nextOffset = until;
      const target = buffer.subarray(0, until - offset);
      const filled = this.#fill(target, offset, connection);
      // It may fail before it is its turn.
      filled.catch(() => {});
      this.#ranges.push({ offset, filled, target, buffer });
    }
  }

  async #untilFilled(range: Range): Promise<number> {
    try {
      return await range.filled;
    } catch (error) {
      const others = this.#ranges.slice(1);
      if (!mayResume(error) || others.length === 0 || this.#options.signal.aborted) {
        throw error;
      }
      await Promise.allSettled(others.map(({ filled }) => filled));
      const filled = this.#fill(range.target, range.offset);
      this.#ranges[0] = { ...range, filled };
      this.#retired.add(range.buffer);
      return await filled;
    }
  }

  async #fill(buffer: Uint8Array, offset: number, connection?: UrlConnection): Promise<number> {
    const from = { ...this.#file, offset, until: offset + buffer.byteLength };
    const options = { ...this.#options, from };
    const opened = connection ?? (await this.#connect(options));
    const reader = new UrlReader(options, opened);
    try {
      const filled = await reader.read(buffer);
      await reader.isAtEnd();
      return filled;
    } finally {
      reader.close();
    }
  }

  async #connect(options: UrlStreamOptions & { readonly from: RangedFile & { offset: number; until: number } }) {
    const { from, signal, clock, url } = options;
    const connection = await retry({ work: () => connectUrl(options, from), signal, clock });
    const { opened } = connection;
    if (opened.offset !== from.offset || opened.totalBytes !== from.totalBytes) {
      connection.close();
      if (signal.aborted) {
        throw abortedError(signal.reason);
      }
      throw !opened.isPart && opened.validator === from.validator ? noRangesError(url) : changedError(url);
    }
    return connection;
  }
}
