import type { Part } from "@aws-sdk/client-s3";
import type { Clock } from "../../../polling/clock.ts";
import type { ObjectLocation } from "../object/check-object.ts";
import { discardUpload } from "./discard-upload.ts";
import { findUnrecorded, listParts } from "./find-unfinished.ts";

/** What was recorded of an upload before its process ended. */
export interface InterruptedUpload {
  /** The id that was given to `onUpload`, if it was called. */
  readonly uploadId?: string;
  /** When the upload was recorded, before its first request: milliseconds since 1970. */
  readonly since: number;
}

/** A multipart upload that can be resumed. */
export interface ResumedUpload {
  readonly uploadId: string;
  /** The parts that S3 has stored, by part number. */
  readonly parts: ReadonlyMap<number, Part>;
}

export interface ResumeUploadOptions {
  readonly location: ObjectLocation;
  readonly interrupted: InterruptedUpload;
  readonly partSizeBytes: number;
  readonly clock?: Clock;
}

/**
 * Finds the unfinished multipart upload of an interrupted upload on S3. One that can't be resumed is removed.
 *
 * @returns the upload to resume; `undefined` to start from the beginning
 * @throws what the S3 client throws
 */
export async function resumeUpload({
  location,
  interrupted,
  partSizeBytes,
  clock,
}: ResumeUploadOptions): Promise<ResumedUpload | undefined> {
  const { s3, bucket, key } = location;
  const { uploadId, since } = interrupted;
  const discard = (id: string): Promise<boolean> => discardUpload({ s3, bucket, key, uploadId: id, clock });
  await Promise.all((await findUnrecorded(location, since, uploadId)).map(discard));
  if (uploadId === undefined) {
    return undefined;
  }
  const parts = await listParts(location, uploadId);
  if (parts !== undefined && fits(parts, partSizeBytes)) {
    return { uploadId, parts: new Map(parts.map((part) => [part.PartNumber ?? 0, part])) };
  }
  await discard(uploadId);
  return undefined;
}

/** Whether the parts have this size, of which only the last one may be smaller. Others could not be continued. */
function fits(parts: readonly Part[], partSizeBytes: number): boolean {
  const last = parts.reduce((most, { PartNumber: number = 0 }) => Math.max(most, number), 0);
  return parts.every(({ PartNumber: number, Size: size = 0 }) =>
    number === last ? size <= partSizeBytes : size === partSizeBytes,
  );
}
