import type { S3Client } from "@aws-sdk/client-s3";
import { type PipelineError, toPipelineError } from "../../../errors/pipeline-error.ts";
import { findBucket } from "./find-bucket.ts";

/**
 * Reads the regions of some buckets.
 *
 * @returns the names of the buckets by region, and the error of a bucket whose region is unknown
 * @throws PipelineError the errors of {@link findBucket} if no region is known
 */
export async function bucketRegions(
  s3: S3Client,
  buckets: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly regions: ReadonlyMap<string, readonly string[]>; readonly fault?: PipelineError }> {
  const regions = new Map<string, string[]>();
  let fault: PipelineError | undefined;
  for (const bucket of new Set(buckets)) {
    try {
      const region = await findBucket(s3, bucket, signal);
      if (region !== undefined) {
        regions.set(region, [...(regions.get(region) ?? []), bucket]);
      }
    } catch (error) {
      fault = toPipelineError(error);
    }
  }
  if (regions.size === 0 && fault !== undefined) {
    throw fault;
  }
  return { regions, ...(fault && { fault }) };
}
