import { abortedError, type PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import type { ByteReader } from "../../http/byte-reader.ts";
import { mapS3Error } from "../errors/map-s3-error.ts";
import { findConfirmed, type ObjectLocation } from "../object/check-object.ts";
import type { OpenSource } from "../source/open-source.ts";
import { discardUpload, withLeftUpload } from "./discard-upload.ts";
import { partsInFlight } from "./part-size.ts";
import { PartSlots } from "./part-slots.ts";
import { partsOf } from "./part-stream.ts";
import type { ResumedUpload } from "./resume-upload.ts";
import { type ObjectAttributes, sendParts } from "./send-parts.ts";
import { markerOf } from "./upload-marker.ts";
import { UploadRequests } from "./upload-requests.ts";
import { type UploadedObject, uploadedObject } from "./uploaded-object.ts";

export interface TransferOptions {
  readonly location: ObjectLocation;
  readonly source: OpenSource;
  /** Aborted here when reading or sending fails, so that the other half ends too; the source listens to its signal. */
  readonly stop: AbortController;
  readonly attributes: ObjectAttributes;
  readonly partSizeBytes: number;
  /** Whether an abort leaves the unfinished upload on S3. */
  readonly isPaused: () => boolean;
  readonly clock?: Clock;
  readonly onProgress?: (progress: { loadedBytes: number; totalBytes?: number }) => void;
  /** A multipart upload to resume. */
  readonly resumed?: ResumedUpload | undefined;
  readonly onUpload?: ((uploadId: string) => void | Promise<void>) | undefined;
}

/**
 * Copies the bytes of a source into an object, in one request or in parts.
 *
 * @throws PipelineError after the unfinished upload was removed from S3; if it could not be, `details.leftUploadId` names it
 */
export async function transfer(options: TransferOptions): Promise<UploadedObject> {
  const { location, source, stop, attributes, partSizeBytes, clock, onProgress, resumed, onUpload } = options;
  const { totalBytes } = source;
  let deliveredBytes = 0;
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    stop.abort(error);
  };
  const failReading = (error: unknown): never => {
    fail(error);
    throw error;
  };
  const count = (read: number): number => {
    deliveredBytes += read;
    return read;
  };
  const delivered: ByteReader = {
    isAtEnd: () => source.bytes.isAtEnd().catch(failReading),
    read: (target) => source.bytes.read(target).then(count, failReading),
  };
  const requests = new UploadRequests({
    s3: location.s3,
    signal: AbortSignal.any([location.signal, stop.signal]),
    clock,
    uploadId: resumed?.uploadId,
    deliveredBytes: () => deliveredBytes,
    onSent: (loadedBytes) => onProgress?.({ loadedBytes, totalBytes }),
    onFailure: fail,
  });
  const slots = new PartSlots({ start: partsInFlight(partSizeBytes), partSizeBytes, clock });
  // One more is filled while the others are sent.
  const parts = partsOf(delivered, partSizeBytes, totalBytes, () => slots.count + 1);
  try {
    const stored = await sendParts({
      requests,
      location,
      attributes,
      parts,
      slots,
      resumed,
      onUpload,
    });
    return uploadedObject(location, deliveredBytes, stored);
  } catch (error) {
    const sent = { checksum: requests.expectedChecksum(), marker: markerOf(attributes) };
    const stored = await findConfirmed(location, failure ?? error, sent);
    if (stored !== undefined) {
      return uploadedObject(location, stored.ContentLength ?? deliveredBytes, stored);
    }
    throw await removeUnfinished(options, requests.uploadId, failure ?? error);
  }
}

/** Removes the unfinished upload and returns the error to throw. */
async function removeUnfinished(
  { location, clock, isPaused }: TransferOptions,
  uploadId: string | undefined,
  failure: unknown,
): Promise<PipelineError> {
  const { s3, bucket, key, signal } = location;
  const error = signal.aborted
    ? abortedError(signal.reason)
    : mapS3Error(failure, { ...location, action: "s3:PutObject" });
  if (uploadId === undefined || isPaused() || (await discardUpload({ s3, bucket, key, uploadId, clock }))) {
    return error;
  }
  return withLeftUpload(error, location, uploadId);
}
