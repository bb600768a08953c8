import type { S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../../polling/clock.ts";
import { discardUpload } from "./discard-upload.ts";
import { findUnnoted } from "./find-uploads.ts";

/** What an upload that was interrupted may have begun on S3. */
export interface InterruptedUpload {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly key: string;
  /** Id that `onUpload` has told, when it had come to that. */
  readonly uploadId?: string;
  /** When the upload was noted, before its first request: milliseconds since 1970. */
  readonly since: number;
  /** Ends the search for uploads; the removal itself takes at most 10 s for each. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Takes back what an interrupted upload has begun on S3: the multipart upload that it has noted, and those of exactly its key which
 * it may have begun without noting them (recent, without a part). A finished object stays.
 *
 * @returns whether, as far as S3 lets us see, nothing is left; never throws, because it is called when a run has failed already
 */
export async function discardUploads(interrupted: InterruptedUpload): Promise<boolean> {
  const { s3, bucket, key, uploadId, since, signal = new AbortController().signal, clock } = interrupted;
  const discard = (id: string): Promise<boolean> =>
    discardUpload({ s3, bucket, key, uploadId: id, ...(clock && { clock }) });
  const isNotedGone = uploadId === undefined || (await discard(uploadId));
  try {
    const unnoted = await findUnnoted({ s3, bucket, key, signal }, since, uploadId);
    const gone = await Promise.all(unnoted.map(discard));
    return isNotedGone && gone.every((isGone) => isGone);
  } catch {
    return false;
  }
}
