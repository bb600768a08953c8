import { abortedError, PipelineError } from "../../errors/pipeline-error.ts";
import type { Clock } from "../../polling/clock.ts";
import { findStored, type ObjectPlace, unquoted } from "./check-object.ts";
import { discardUpload } from "./discard-upload.ts";
import { mapS3Error } from "./map-s3-error.ts";
import type { OpenSource } from "./open-source.ts";
import { partsOf } from "./part-stream.ts";
import { type ObjectAttributes, type StoredAnswer, sendParts } from "./send-parts.ts";
import { UploadRequests } from "./upload-requests.ts";

/** The object that an upload has made. */
export interface UploadedObject {
  bucket: string;
  key: string;
  /** `s3://bucket/key` */
  uri: string;
  bytes: number;
  /** Without quotes. For an object of several parts not the file's MD5. */
  etag: string;
  versionId?: string;
  /** `value` is base64; of type COMPOSITE it is the checksum of the parts' checksums. */
  checksum?: { algorithm: "CRC32"; value: string; type?: string };
}

/** What {@link transfer} takes. */
export interface TransferOptions {
  readonly place: ObjectPlace;
  readonly source: OpenSource;
  /** Aborted here when one half of the transfer fails, so that the other ends too; the source listens to it. */
  readonly stop: AbortController;
  readonly attributes: ObjectAttributes;
  readonly partSizeBytes: number;
  readonly clock?: Clock;
  readonly onProgress?: (progress: { loadedBytes: number; totalBytes?: number }) => void;
}

/**
 * Moves a source's bytes into an object, in one request or in parts.
 *
 * @throws PipelineError when it has failed and nothing is left on S3; if something is, `details.leftUploadId` names it
 */
export async function transfer(options: TransferOptions): Promise<UploadedObject> {
  const { place, source, stop, attributes, partSizeBytes, clock, onProgress } = options;
  const { totalBytes } = source;
  let deliveredBytes = 0;
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    stop.abort(error);
  };
  async function* delivered(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of source.chunks) {
        deliveredBytes += chunk.byteLength;
        yield chunk;
      }
    } catch (error) {
      fail(error);
      throw error;
    }
  }
  const requests = new UploadRequests({
    s3: place.s3,
    signal: AbortSignal.any([place.signal, stop.signal]),
    ...(clock && { clock }),
    deliveredBytes: () => deliveredBytes,
    onSent: (loadedBytes) => onProgress?.({ loadedBytes, ...(totalBytes !== undefined && { totalBytes }) }),
    onFailure: fail,
  });
  const parts = partsOf(delivered(), partSizeBytes, totalBytes);
  try {
    const stored = await sendParts({ requests, place, attributes, parts });
    return uploadedObject(place, deliveredBytes, stored);
  } catch (error) {
    const stored = await findStored(place, failure ?? error, requests.expectedChecksum());
    if (stored !== undefined) {
      return uploadedObject(place, deliveredBytes, stored);
    }
    throw await cleanedUp(options, requests.uploadId, failure ?? error);
  }
}

function uploadedObject({ bucket, key }: ObjectPlace, bytes: number, stored: StoredAnswer): UploadedObject {
  const { ETag: etag, VersionId: versionId, ChecksumCRC32: value, ChecksumType: type } = stored;
  return {
    bucket,
    key,
    uri: `s3://${bucket}/${key}`,
    bytes,
    etag: unquoted(etag),
    ...(versionId !== undefined && { versionId }),
    ...(value !== undefined && { checksum: { algorithm: "CRC32", value, ...(type !== undefined && { type }) } }),
  };
}

/** Removes what was begun and returns the error to throw. */
async function cleanedUp(
  { place, clock }: TransferOptions,
  uploadId: string | undefined,
  failure: unknown,
): Promise<PipelineError> {
  const { s3, bucket, key, signal } = place;
  const error = signal.aborted
    ? abortedError(signal.reason)
    : mapS3Error(failure, { bucket, key, action: "s3:PutObject" });
  if (uploadId === undefined || (await discardUpload({ s3, bucket, key, uploadId, ...(clock && { clock }) }))) {
    return error;
  }
  return new PipelineError(
    error.code,
    `${error.message} The unfinished upload ${uploadId} of s3://${bucket}/${key} could not be removed: allow s3:AbortMultipartUpload and remove it, or let a lifecycle rule do so.`,
    { retryable: error.retryable, details: { ...error.details, leftUploadId: uploadId }, cause: error },
  );
}
