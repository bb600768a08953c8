import { systemClock } from "../../../polling/clock.ts";
import type { ByteReader } from "../byte-reader.ts";
import { retry } from "../retry.ts";
import { connectUrl, type UrlConnection } from "./connect-url.ts";
import { MAX_DOWNLOAD_MS, refuseTooLarge, TimeLimit } from "./stream-limits.ts";
import { mayReadWhole } from "./url-errors.ts";
import { UrlReader, type UrlStreamOptions } from "./url-reader.ts";

export type { UrlStreamOptions } from "./url-reader.ts";

/** An open file at a URL, to be read once. */
export interface UrlStream {
  /** Where `chunks` starts in the file: `from.offset` if the server still has the same file and supports ranges, else 0. */
  readonly offset: number;
  /** Length of the file, if the server announces it. */
  readonly totalBytes: number | undefined;
  readonly contentType: string | undefined;
  /** Identifies this version of the file; absent if a later read can't resume this one. */
  readonly validator: string | undefined;
  /** All bytes of the file from `offset` on, or an error. */
  readonly chunks: AsyncGenerator<Buffer, void, undefined>;
  /** The same bytes, which the reader copies into its own buffers: for large files, instead of `chunks`. */
  readonly bytes: ByteReader;
  /** Closes the connection, whether or not everything was read. */
  close(): void;
}

/**
 * Opens a file at a URL and reads it to its end over as many connections as needed: a read that is interrupted or stalls is resumed
 * where it ended (`Range` with `If-Range`), a few times. The number of bytes is checked against the announced length.
 *
 * @throws PipelineError the errors of {@link openUrl}, here and from the reads; the reads also `SOURCE_INCOMPLETE`; `SOURCE_TOO_LARGE`,
 * `TIMED_OUT`, `ABORTED`
 */
export async function openUrlStream(given: UrlStreamOptions): Promise<UrlStream> {
  const { clock = systemClock, timeoutMs = MAX_DOWNLOAD_MS } = given;
  const limit = new TimeLimit({ url: given.url, signal: given.signal, timeoutMs, clock });
  const options = { ...given, signal: limit.signal };
  try {
    const first = await retry({ work: () => connectFirst(options), signal: limit.signal, clock });
    const reader = new UrlReader(options, first);
    const close = (): void => {
      reader.close();
      limit.stop();
    };
    refuseTooLarge(options, first.opened.totalBytes, close);
    const { offset, totalBytes, contentType, validator } = first.opened;
    return {
      offset,
      totalBytes,
      contentType,
      validator,
      chunks: chunks(reader, limit),
      bytes: limit.limited(reader),
      close,
    };
  } catch (error) {
    limit.stop();
    throw limit.explain(error);
  }
}

async function* chunks(reader: UrlReader, limit: TimeLimit): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* reader.chunks();
  } catch (error) {
    throw limit.explain(error);
  } finally {
    limit.stop();
  }
}

/** Connects where an earlier read ended, or at the first byte if that is not possible. */
async function connectFirst(options: UrlStreamOptions): Promise<UrlConnection> {
  const { from } = options;
  if (from === undefined) {
    return connectUrl(options);
  }
  try {
    const connection = await connectUrl(options, from);
    const { offset, totalBytes } = connection.opened;
    if (offset === 0 || totalBytes === from.totalBytes) {
      return connection;
    }
    connection.close();
  } catch (error) {
    if (!mayReadWhole(error)) {
      throw error;
    }
  }
  return connectUrl(options);
}
