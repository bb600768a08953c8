import type { S3Client } from "@aws-sdk/client-s3";
import { checkBuckets } from "./check-buckets.ts";
import { followRegions } from "./follow-regions.ts";
import { recordSentRequests } from "./sent-request.ts";

/**
 * Adds to an S3 client what its errors and buckets need: it follows buckets to their regions, takes all kinds of buckets, and remembers the
 * request of an error.
 *
 * @returns the same client
 */
export function prepareS3Client<T extends S3Client>(client: T): T {
  recordSentRequests(client);
  checkBuckets(client);
  followRegions(client);
  return client;
}
