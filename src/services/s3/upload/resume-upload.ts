import type { Part } from "@aws-sdk/client-s3";
import type { Clock } from "../../../polling/clock.ts";
import type { ObjectLocation } from "../object/check-object.ts";
import { discardUpload } from "./discard-upload.ts";
import { findUnrecorded, listParts } from "./find-unfinished.ts";
import { PART_LIMIT } from "./part-size.ts";

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
  /** The size of its parts, which another version or another setting may have chosen. */
  readonly partSizeBytes: number;
  /** The parts that S3 has stored, by part number. */
  readonly parts: ReadonlyMap<number, Part>;
}

export interface ResumeUploadOptions {
  readonly location: ObjectLocation;
  readonly interrupted: InterruptedUpload;
  /** The size of the parts if the stored ones do not show it. */
  readonly partSizeBytes: number;
  /** Length of the source, if it is known. */
  readonly totalBytes?: number | undefined;
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
  partSizeBytes: planned,
  totalBytes = 0,
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
  const partSizeBytes = parts && sizeOf(parts, planned);
  if (parts !== undefined && partSizeBytes !== undefined && totalBytes <= partSizeBytes * PART_LIMIT) {
    return { uploadId, partSizeBytes, parts: new Map(parts.map((part) => [part.PartNumber ?? 0, part])) };
  }
  await discard(uploadId);
  return undefined;
}

/**
 * Returns the size that all parts have, of which only the last one may be smaller: stores such as Cloudflare R2 require it. A single stored part
 * may be the last one, which says nothing about the others.
 *
 * @returns undefined if they differ
 */
function sizeOf(parts: readonly Part[], planned: number): number | undefined {
  const [last, ...others] = parts.toSorted((one, other) => (other.PartNumber ?? 0) - (one.PartNumber ?? 0));
  const size = others[0]?.Size ?? planned;
  return others.every(({ Size }) => Size === size) && (last?.Size ?? 0) <= size ? size : undefined;
}
