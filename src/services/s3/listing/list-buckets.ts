import type { S3Client } from "@aws-sdk/client-s3";
import { ListBucketsCommand } from "../../../sdk/s3.ts";
import { type Listing, listing } from "../../listing.ts";
import { mapS3Error } from "../errors/map-s3-error.ts";

/**
 * Lists the buckets of the account in all regions.
 *
 * @returns their names in alphabetical order
 * @throws PipelineError `S3_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function listBuckets(s3: S3Client, signal: AbortSignal): Promise<Listing<string>> {
  try {
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}), { abortSignal: signal });
    return listing(Buckets.flatMap(({ Name }) => Name ?? []).sort());
  } catch (error) {
    throw mapS3Error(error, { action: "s3:ListAllMyBuckets" });
  }
}
