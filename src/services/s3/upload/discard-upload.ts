import { AbortMultipartUploadCommand, ListPartsCommand, type S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../../polling/clock.ts";
import { growingDelay } from "../../../polling/delay.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { limited } from "./limited.ts";

const ATTEMPTS = 12;
/** For one removal, however many requests it takes. */
export const DISCARD_LIMIT_MS = 10_000;
const DELAY = growingDelay({ firstMs: 50, limitMs: 1000 });

/** The multipart upload to remove. */
export interface DiscardRequest {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly clock?: Clock;
}

/**
 * Removes an unfinished multipart upload, whose parts would otherwise be stored, and paid, for ever. A part in flight may still
 * land after S3 has accepted the removal, so it is repeated until S3 knows nothing of the upload; for 10 s at most.
 *
 * @returns whether nothing is left; never throws, because it is called when something has failed already
 */
export async function discardUpload(request: DiscardRequest): Promise<boolean> {
  const { clock = systemClock } = request;
  const removal = limited(DISCARD_LIMIT_MS, clock, async (limit) => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      if (await isDiscarded(request, limit)) {
        return true;
      }
      await clock.sleep(DELAY(attempt), limit);
    }
    return false;
  });
  return removal.catch(() => false);
}

/** Adds to an error that an unfinished upload is left on S3: `details.leftUploadId` names it. */
export function leftBehind(
  error: PipelineError,
  { bucket, key }: Pick<DiscardRequest, "bucket" | "key">,
  uploadId: string,
): PipelineError {
  return new PipelineError(
    error.code,
    `${error.message} The unfinished upload ${uploadId} of s3://${bucket}/${key} could not be removed: allow s3:AbortMultipartUpload and remove it, or let a lifecycle rule do so.`,
    { retryable: error.retryable, details: { ...error.details, leftUploadId: uploadId }, cause: error },
  );
}

async function isDiscarded({ s3, bucket, key, uploadId }: DiscardRequest, abortSignal: AbortSignal): Promise<boolean> {
  const upload = { Bucket: bucket, Key: key, UploadId: uploadId };
  const removed = await outcome(s3.send(new AbortMultipartUploadCommand(upload), { abortSignal }));
  if (removed !== "done") {
    return removed === "unknown upload";
  }
  const looked = await outcome(s3.send(new ListPartsCommand({ ...upload, MaxParts: 1 }), { abortSignal }));
  // Without permission to look, S3's word that it is removed has to do.
  return looked === "unknown upload" || looked === "not allowed";
}

async function outcome(request: Promise<unknown>): Promise<"done" | "unknown upload" | "not allowed" | "failed"> {
  try {
    await request;
    return "done";
  } catch (error) {
    const { name, httpStatus } = readAwsError(error);
    if (name === "NoSuchUpload" || httpStatus === 404) {
      return "unknown upload";
    }
    return httpStatus === 403 ? "not allowed" : "failed";
  }
}
