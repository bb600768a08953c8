import type { S3Client } from "@aws-sdk/client-s3";
import { type Clock, systemClock } from "../../../polling/clock.ts";
import { withinLimit } from "../../../polling/within-limit.ts";
import { DISCARD_LIMIT_MS, discardUpload } from "./discard-upload.ts";
import { findUnrecorded } from "./find-unfinished.ts";
import type { InterruptedUpload } from "./resume-upload.ts";

export interface DiscardInterruptedOptions extends InterruptedUpload {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly clock?: Clock;
}

/**
 * Removes the multipart uploads of an interrupted upload from S3: the recorded one, and those of exactly its key that it may have
 * started without recording them (recent, without a part). A finished object stays. Each removal ends after 10 s.
 *
 * @returns whether all of them are removed, as far as S3 allows us to list them; never throws, because it is called after another failure
 */
export async function discardInterrupted(interrupted: DiscardInterruptedOptions): Promise<boolean> {
  const { s3, key, uploadId, since, clock = systemClock } = interrupted;
  const bucket = interrupted.bucket.trim();
  const discard = (id: string): Promise<boolean> => discardUpload({ s3, bucket, key, uploadId: id, clock });
  const isRecordedGone = uploadId === undefined || (await discard(uploadId));
  const find = (signal: AbortSignal): Promise<string[]> => findUnrecorded({ s3, bucket, key, signal }, since, uploadId);
  const unrecorded = await withinLimit({ work: find, limitMs: DISCARD_LIMIT_MS, clock }).catch(() => undefined);
  const areUnrecordedGone = await Promise.all((unrecorded ?? []).map(discard));
  return isRecordedGone && unrecorded !== undefined && areUnrecordedGone.every((isGone) => isGone);
}
