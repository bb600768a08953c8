import type { S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../../../polling/clock.ts";
import { DISCARD_LIMIT_MS, discardUpload } from "./discard-upload.ts";
import { findUnnoted } from "./find-unfinished.ts";
import { limited } from "./limited.ts";

/** What an upload that was interrupted may have begun on S3. */
export interface InterruptedUpload {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly key: string;
  /** Id that `onUpload` has told, when it had come to that. */
  readonly uploadId?: string;
  /** When the upload was noted, before its first request: milliseconds since 1970. */
  readonly since: number;
  readonly clock?: Clock;
}

/**
 * Takes back what an interrupted upload has begun on S3: the multipart upload that it has noted, and those of exactly its key which
 * it may have begun without noting them (recent, without a part). A finished object stays. Gives up after 10 s of each.
 *
 * @returns whether, as far as S3 lets us see, nothing is left; never throws, because it is called when a run has failed already
 */
export async function discardUploads(interrupted: InterruptedUpload): Promise<boolean> {
  const { s3, key, uploadId, since, clock } = interrupted;
  const bucket = interrupted.bucket.trim();
  const discard = (id: string): Promise<boolean> =>
    discardUpload({ s3, bucket, key, uploadId: id, ...(clock && { clock }) });
  const isNotedGone = uploadId === undefined || (await discard(uploadId));
  const search = limited(DISCARD_LIMIT_MS, clock, (signal) =>
    findUnnoted({ s3, bucket, key, signal }, since, uploadId),
  );
  const unnoted = await search.catch(() => undefined);
  const areUnnotedGone = await Promise.all((unnoted ?? []).map(discard));
  return isNotedGone && unnoted !== undefined && areUnnotedGone.every((isGone) => isGone);
}
