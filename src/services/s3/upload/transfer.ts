import { abortedError, type PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { mapS3Error } from "../map-s3-error.ts";
import { findStored, type ObjectPlace } from "../object/check-object.ts";
import type { OpenSource } from "../source/open-source.ts";
import { discardUpload, leftBehind } from "./discard-upload.ts";
import { partsOf } from "./part-stream.ts";
import type { BegunUpload } from "./resume-upload.ts";
import { type ObjectAttributes, sendParts } from "./send-parts.ts";
import { claimOf } from "./upload-marker.ts";
import { UploadRequests } from "./upload-requests.ts";
import { type UploadedObject, uploadedObject } from "./uploaded-object.ts";

/** What {@link transfer} takes. */
export interface TransferOptions {
  readonly place: ObjectPlace;
  readonly source: OpenSource;
  /** Aborted here when one half of the transfer fails, so that the other ends too; the source listens to it. */
  readonly stop: AbortController;
  readonly attributes: ObjectAttributes;
  readonly partSizeBytes: number;
  /** Whether an abort leaves on S3 what was begun. */
  readonly isPaused: () => boolean;
  readonly clock?: Clock;
  readonly onProgress?: (progress: { loadedBytes: number; totalBytes?: number }) => void;
  /** A multipart upload to go on with. */
  readonly begun?: BegunUpload | undefined;
  readonly onUpload?: ((uploadId: string) => void | Promise<void>) | undefined;
}

/**
 * Moves a source's bytes into an object, in one request or in parts.
 *
 * @throws PipelineError when it has failed and nothing is left on S3; if something is, `details.leftUploadId` names it
 */
export async function transfer(options: TransferOptions): Promise<UploadedObject> {
  const { place, source, stop, attributes, partSizeBytes, clock, onProgress, begun, onUpload } = options;
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
    uploadId: begun?.uploadId,
    deliveredBytes: () => deliveredBytes,
    onSent: (loadedBytes) => onProgress?.({ loadedBytes, totalBytes }),
    onFailure: fail,
  });
  const parts = partsOf(delivered(), partSizeBytes, totalBytes);
  try {
    const stored = await sendParts({ requests, place, attributes, parts, begun, onUpload });
    return uploadedObject(place, deliveredBytes, stored);
  } catch (error) {
    const sent = { checksum: requests.expectedChecksum(), claim: claimOf(attributes) };
    const stored = await findStored(place, failure ?? error, sent);
    if (stored !== undefined) {
      return uploadedObject(place, stored.ContentLength ?? deliveredBytes, stored);
    }
    throw await cleanedUp(options, requests.uploadId, failure ?? error);
  }
}

/** Removes what was begun and returns the error to throw. */
async function cleanedUp(
  { place, clock, isPaused }: TransferOptions,
  uploadId: string | undefined,
  failure: unknown,
): Promise<PipelineError> {
  const { s3, bucket, key, signal } = place;
  const error = signal.aborted
    ? abortedError(signal.reason)
    : mapS3Error(failure, { bucket, key, action: "s3:PutObject" });
  if (
    uploadId === undefined ||
    isPaused() ||
    (await discardUpload({ s3, bucket, key, uploadId, ...(clock && { clock }) }))
  ) {
    return error;
  }
  return leftBehind(error, place, uploadId);
}
