import type { S3Client } from "@aws-sdk/client-s3";

/** Warns once per bucket of an account that the bucket is in another region. */
export async function reportRegion(warn: (text: string) => void, s3: S3Client, bucket: string): Promise<void> {
  const { newlyFollowed } = await import("../../services/s3/client/follow-regions.ts");
  const region = newlyFollowed(s3, bucket.trim());
  if (region !== undefined) {
    warn(
      `The bucket ${bucket} is in the region ${region}, not in that of the AWS account. Requests to it go to ${region}. Set the region in the account to save the first request.`,
    );
  }
}
