import type { Part } from "@aws-sdk/client-s3";
import type { Clock } from "../../../polling/clock.ts";
import type { ObjectPlace } from "../object/check-object.ts";
import { discardUpload } from "./discard-upload.ts";
import { findUnnoted, listParts } from "./find-unfinished.ts";

/** What is known of an upload that another process was at when it ended. */
export interface ResumeUpload {
  /** Id that `onUpload` has told, when it had come to that. */
  readonly uploadId?: string;
  /** When the upload was noted, before its first request: milliseconds since 1970. */
  readonly since: number;
}

/** A multipart upload to go on with. */
export interface BegunUpload {
  readonly uploadId: string;
  /** What S3 holds of it, by part number. */
  readonly parts: ReadonlyMap<number, Part>;
}

/** What {@link takeUp} takes. */
export interface TakeUpOptions {
  readonly place: ObjectPlace;
  readonly resume: ResumeUpload;
  readonly partSizeBytes: number;
  readonly clock?: Clock;
}

/**
 * Looks for what is left on S3 of an interrupted upload. What can't be gone on with is removed.
 *
 * @returns the upload to go on with; `undefined` to begin anew
 * @throws what the S3 client throws
 */
export async function takeUp({ place, resume, partSizeBytes, clock }: TakeUpOptions): Promise<BegunUpload | undefined> {
  const { s3, bucket, key } = place;
  const { uploadId, since } = resume;
  const discard = (id: string): Promise<boolean> =>
    discardUpload({ s3, bucket, key, uploadId: id, ...(clock && { clock }) });
  await Promise.all((await findUnnoted(place, since, uploadId)).map(discard));
  if (uploadId === undefined) {
    return undefined;
  }
  const parts = await listParts(place, uploadId);
  if (parts !== undefined && fits(parts, partSizeBytes)) {
    return { uploadId, parts: new Map(parts.map((part) => [part.PartNumber ?? 0, part])) };
  }
  await discard(uploadId);
  return undefined;
}

/** Whether the parts were cut to this size: only the last one may be smaller. Otherwise none of them would be of use. */
function fits(parts: readonly Part[], partSizeBytes: number): boolean {
  const last = parts.reduce((most, { PartNumber: number = 0 }) => Math.max(most, number), 0);
  return parts.every(({ PartNumber: number, Size: size = 0 }) =>
    number === last ? size <= partSizeBytes : size === partSizeBytes,
  );
}
