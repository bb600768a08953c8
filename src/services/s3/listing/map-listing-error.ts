import { PipelineError } from "../../../errors/pipeline-error.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { awsError, awsRequestRefused, mapCommonAwsError } from "../../aws/errors/map-aws-error.ts";

/** The request that an error belongs to. */
export interface ListingContext {
  /** The IAM action: `s3:ListAllMyBuckets`. */
  readonly action: string;
  /** The resource on which a policy has to allow it. */
  readonly on: string;
  /** Absent for the list of buckets itself. */
  readonly bucket?: string;
}

/**
 * Maps an error that an S3 client threw for a list request.
 *
 * @returns `S3_ACCESS_DENIED`, `S3_BUCKET_NOT_FOUND`, `S3_BUCKET_WRONG_REGION`, `S3_NAME_INVALID`, `AWS_*` or `ABORTED`
 */
export function mapListingError(error: unknown, { action, on, bucket }: ListingContext): PipelineError {
  if (error instanceof PipelineError) {
    return error;
  }
  const context = { service: "s3", action, resource: bucket === undefined ? "buckets" : `bucket ${bucket}` } as const;
  const common = mapCommonAwsError(error, context);
  if (common !== undefined) {
    return common;
  }
  const { name, httpStatus, message } = readAwsError(error);
  if (name === "NoSuchBucket" || (bucket !== undefined && httpStatus === 404)) {
    return awsError("S3_BUCKET_NOT_FOUND", "it does not exist. Check its name, the account and the endpoint.", {
      error,
      context,
    });
  }
  if (/Redirect$|^AuthorizationHeaderMalformed$/.test(name) || httpStatus === 301) {
    const explanation =
      bucket === undefined
        ? "this endpoint serves another region. Correct the region or the endpoint in the account node."
        : "it is in another region. Set the region of the account node to that of the bucket.";
    return awsError("S3_BUCKET_WRONG_REGION", explanation, { error, context });
  }
  if (name === "InvalidBucketName") {
    return awsError("S3_NAME_INVALID", `S3 does not accept the name: ${message}`, { error, context });
  }
  if (httpStatus === 403) {
    return awsError(
      "S3_ACCESS_DENIED",
      `these credentials may not list this. Allow ${action} on ${on} in their IAM policy, or enter the name yourself.`,
      { error, context },
    );
  }
  return awsRequestRefused(error, context);
}
