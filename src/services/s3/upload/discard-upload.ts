import type { S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../../polling/clock.ts";
import { growingDelay } from "../../../polling/delay.ts";
import { withinLimit } from "../../../polling/within-limit.ts";
import { AbortMultipartUploadCommand, ListPartsCommand } from "../../../sdk/s3.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";

const ATTEMPTS = 12;
/** Limit of one removal, which takes several requests. */
export const DISCARD_LIMIT_MS = 10_000;
const DELAY = growingDelay({ firstMs: 50, limitMs: 1000 });

export interface DiscardUploadOptions {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly clock?: Clock;
}

/**
 * Removes an unfinished multipart upload, whose parts would otherwise be stored and paid for. A part in flight may arrive after S3 has
 * accepted the removal, so the removal is repeated until S3 does not know the upload; for 10 s at most.
 *
 * @returns whether it is removed; never throws, because it is called after another failure
 */
export async function discardUpload(request: DiscardUploadOptions): Promise<boolean> {
  const { clock = systemClock } = request;
  const remove = async (signal: AbortSignal): Promise<boolean> => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      if (await isDiscarded(request, signal)) {
        return true;
      }
      await clock.sleep(DELAY(attempt), signal);
    }
    return false;
  };
  return withinLimit({ work: remove, limitMs: DISCARD_LIMIT_MS, clock }).catch(() => false);
}

/** Adds to an error that an unfinished upload was left on S3: `details.leftUploadId` names it. */
export function withLeftUpload(
  error: PipelineError,
  { bucket, key }: Pick<DiscardUploadOptions, "bucket" | "key">,
  uploadId: string,
): PipelineError {
  return new PipelineError(
    error.code,
    `${error.message} The unfinished upload ${uploadId} of s3://${bucket}/${key} could not be removed: allow s3:AbortMultipartUpload and remove it, or let a lifecycle rule do so.`,
    { retryable: error.retryable, details: { ...error.details, leftUploadId: uploadId }, cause: error },
  );
}

async function isDiscarded(
  { s3, bucket, key, uploadId }: DiscardUploadOptions,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const upload = { Bucket: bucket, Key: key, UploadId: uploadId };
  const removal = await resultOf(s3.send(new AbortMultipartUploadCommand(upload), { abortSignal }));
  if (removal !== "done") {
    return removal === "unknown upload";
  }
  const listing = await resultOf(s3.send(new ListPartsCommand({ ...upload, MaxParts: 1 }), { abortSignal }));
  // Without permission to list the parts, the response to the removal has to be enough.
  return listing === "unknown upload" || listing === "not allowed";
}

async function resultOf(request: Promise<unknown>): Promise<"done" | "unknown upload" | "not allowed" | "failed"> {
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
