import { addAbortSignal, type Readable } from "node:stream";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { formatDuration } from "../../../polling/format-duration.ts";
import { GetObjectCommand } from "../../../sdk/s3.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { readBounded } from "../../http/bounded-text.ts";
import { mapS3Error } from "../errors/map-s3-error.ts";
import type { ObjectLocation } from "./check-object.ts";

export interface ReadLimits {
  readonly maxBytes: number;
  /** From the request to the last byte. */
  readonly timeoutMs: number;
}

/** An open object, to be read once. */
export interface OpenedObject {
  readonly totalBytes: number | undefined;
  readonly chunks: AsyncGenerator<Buffer, void, undefined>;
  /** Closes the connection, whether or not everything was read. */
  close(): void;
}

/**
 * Opens an object for reading. The signal also ends the reading of its content.
 *
 * @returns `undefined` if it does not exist
 * @throws PipelineError `SOURCE_TOO_LARGE`, `TIMED_OUT`, `S3_*`, `AWS_*`, `ABORTED`, here and from `chunks`
 */
export async function openObject(
  location: ObjectLocation,
  { maxBytes, timeoutMs }: ReadLimits,
): Promise<OpenedObject | undefined> {
  const { s3, bucket, key } = location;
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([location.signal, limit]);
  const fail = (error: unknown): PipelineError =>
    limit.aborted && !location.signal.aborted
      ? tookTooLong(location, timeoutMs)
      : mapS3Error(error, { ...location, action: "s3:GetObject" });
  const found = await s3
    .send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal })
    .catch((error: unknown) => {
      if (readAwsError(error).name === "NoSuchKey") {
        return undefined;
      }
      throw fail(error);
    });
  if (found === undefined) {
    return undefined;
  }
  const body = found.Body as Readable;
  const close = (): void => {
    // A stream that is closed early reports it to its listeners.
    body.on("error", () => {}).destroy();
  };
  if (found.ContentLength !== undefined && found.ContentLength > maxBytes) {
    close();
    throw tooLarge(location, maxBytes);
  }
  addAbortSignal(signal, body);
  async function* chunks(): AsyncGenerator<Buffer, void, undefined> {
    let bytes = 0;
    try {
      for await (const chunk of body) {
        bytes += (chunk as Buffer).length;
        if (bytes > maxBytes) {
          throw tooLarge(location, maxBytes);
        }
        yield chunk as Buffer;
      }
    } catch (error) {
      throw error instanceof PipelineError ? error : fail(error);
    }
  }
  return { totalBytes: found.ContentLength, chunks: chunks(), close };
}

/**
 * Reads an object as text.
 *
 * @returns `undefined` if it does not exist
 * @throws PipelineError, see {@link openObject}
 */
export async function readObjectText(location: ObjectLocation, limits: ReadLimits): Promise<string | undefined> {
  const opened = await openObject(location, limits);
  return opened && (await readBounded(opened.chunks, limits.maxBytes));
}

function tooLarge({ bucket, key }: ObjectLocation, maxBytes: number): PipelineError {
  const uri = `s3://${bucket}/${key}`;
  return new PipelineError("SOURCE_TOO_LARGE", `${uri} is larger than the limit of ${maxBytes} bytes.`, {
    details: { uri, maxBytes },
  });
}

function tookTooLong({ bucket, key }: ObjectLocation, timeoutMs: number): PipelineError {
  const uri = `s3://${bucket}/${key}`;
  return new PipelineError("TIMED_OUT", `${uri} was not read within ${formatDuration(timeoutMs)}. Try again.`, {
    retryable: true,
    details: { uri, timeoutMs },
  });
}
