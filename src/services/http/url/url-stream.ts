import { PipelineError } from "../../../errors/pipeline-error.ts";
import { systemClock } from "../../../polling/clock.ts";
import { retry } from "../retry.ts";
import { connectUrl, type UrlConnection } from "./connect-url.ts";
import { MAX_DOWNLOAD_BYTES, MAX_DOWNLOAD_MS, TimeLimit, tooLargeError } from "./stream-limits.ts";
import { UrlReader, type UrlStreamOptions } from "./url-reader.ts";

export type { UrlStreamOptions } from "./url-reader.ts";

/** A file on the web, ready to be read once. */
export interface UrlStream {
  /** Where `chunks` begins in the file: `from.offset` if the server still has the same file and sends ranges of it, else 0. */
  readonly offset: number;
  /** Length of the file, when the server announces it. */
  readonly totalBytes: number | undefined;
  readonly contentType: string | undefined;
  /** Tells this version of the file from others; absent when a later read can't go on from this one. */
  readonly validator: string | undefined;
  /** The file's bytes: all of them from `offset` on, or it throws. */
  readonly chunks: AsyncGenerator<Buffer, void, undefined>;
  /** Gives the connection back, whether or not everything was read. */
  close(): void;
}

/**
 * Opens a file on the web and reads it to its end over as many connections as it takes: a read that breaks off or stalls is
 * taken up where it ended (`Range` with `If-Range`), a few times. The number of bytes is checked against the announced one.
 *
 * @throws PipelineError what {@link openUrl} throws, here and from `chunks`; `chunks` also `SOURCE_INCOMPLETE`; `SOURCE_TOO_LARGE`,
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
    return { offset, totalBytes, contentType, validator, chunks: limited(reader, limit), close };
  } catch (error) {
    limit.stop();
    throw limit.told(error);
  }
}

async function* limited(reader: UrlReader, limit: TimeLimit): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* reader.chunks();
  } catch (error) {
    throw limit.told(error);
  } finally {
    limit.stop();
  }
}

function refuseTooLarge(
  { url, maxBytes = MAX_DOWNLOAD_BYTES }: UrlStreamOptions,
  bytes: number | undefined,
  close: () => void,
): void {
  if (bytes !== undefined && bytes > maxBytes) {
    close();
    throw tooLargeError(url, maxBytes);
  }
}

/** Connects where an earlier read ended; from the first byte, if that can't be. */
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
    if (!(error instanceof PipelineError && error.code === "SOURCE_CHANGED")) {
      throw error;
    }
  }
  return connectUrl(options);
}
