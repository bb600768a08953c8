import { systemClock } from "../../../polling/clock.ts";
import { retry } from "../retry.ts";
import { connectUrl, type UrlConnection } from "./connect-url.ts";
import { RANGE_BYTES, RangeReader } from "./range-reader.ts";
import { MAX_DOWNLOAD_MS, refuseTooLarge, TimeLimit } from "./stream-limits.ts";
import { mayReadWhole } from "./url-errors.ts";
import { openUrlStream, type UrlStream, type UrlStreamOptions } from "./url-stream.ts";

/**
 * Opens a file at a URL and reads it by several requests at a time, each for a range. A server that does not support ranges, or does not
 * identify the version of the file, is asked for the whole file, as by {@link openUrlStream}.
 *
 * @param atOnce - number of simultaneous requests
 * @throws PipelineError like {@link openUrlStream}; also `SOURCE_CHANGED` if the file is replaced while it is read
 */
export async function openUrlRanges(
  given: Omit<UrlStreamOptions, "from" | "onRestart">,
  atOnce: number,
): Promise<Omit<UrlStream, "chunks">> {
  const { clock = systemClock, timeoutMs = MAX_DOWNLOAD_MS } = given;
  const limit = new TimeLimit({ url: given.url, signal: given.signal, timeoutMs, clock });
  // Its connections are kept for the next range. The ones for large files are closed after each response.
  const options = { ...given, signal: limit.signal, isLarge: false };
  try {
    const first = await retry({ work: () => connectRange(options), signal: limit.signal, clock });
    const { totalBytes, contentType, validator } = first?.opened ?? {};
    if (first === undefined || totalBytes === undefined || validator === undefined) {
      first?.close();
      limit.stop();
      return await openUrlStream(given);
    }
    refuseTooLarge(given, totalBytes, first.close);
    const reader = new RangeReader(options, first, { totalBytes, validator }, atOnce);
    const close = (): void => {
      reader.close();
      limit.stop();
    };
    return { offset: 0, totalBytes, contentType, validator, bytes: limit.limited(reader), close };
  } catch (error) {
    limit.stop();
    throw limit.explain(error);
  }
}

/** Requests the first range; undefined if the server can't send ranges of this file. */
async function connectRange(options: UrlStreamOptions): Promise<UrlConnection | undefined> {
  try {
    const connection = await connectUrl(options, { offset: 0, until: RANGE_BYTES });
    if (connection.opened.isPart) {
      return connection;
    }
    connection.close();
  } catch (error) {
    // An empty file has no first range.
    if (!mayReadWhole(error)) {
      throw error;
    }
  }
  return undefined;
}
