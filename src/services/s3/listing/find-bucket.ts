import type { S3Client } from "@aws-sdk/client-s3";
import { HeadBucketCommand } from "../../../sdk/s3.ts";
import { mapS3Error } from "../errors/map-s3-error.ts";

/**
 * Reads the region of a bucket. A client follows a bucket to its region.
 *
 * @returns undefined if the store does not say it
 * @throws PipelineError `S3_BUCKET_NOT_FOUND`, `S3_ACCESS_DENIED` (naming `s3:ListBucket`), `S3_BUCKET_WRONG_REGION`, `AWS_*`, `ABORTED`
 */
export async function findBucket(s3: S3Client, bucket: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { BucketRegion } = await s3.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal: signal });
    return BucketRegion;
  } catch (error) {
    throw mapS3Error(error, { action: "s3:ListBucket", bucket });
  }
}
