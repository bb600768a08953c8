import { PipelineError } from "../../errors/pipeline-error.ts";
import { isBucket } from "../../fields/rules/s3.ts";

/**
 * Checks what stands for a bucket: its name, an alias of an access point, a directory bucket, or the ARN of an access point. Names that only
 * S3-compatible stores take are checked by the client.
 *
 * @returns the name, without surrounding white space
 * @throws PipelineError `S3_NAME_INVALID`
 */
export function validateBucketName(name: string): string {
  const trimmed = name.trim();
  if (!isBucket(trimmed)) {
    throw new PipelineError(
      "S3_NAME_INVALID",
      trimmed === ""
        ? "No bucket is named. Give the name of an S3 bucket."
        : `"${trimmed}" is not a bucket: give its name (3 to 63 lower-case letters, digits, "." and "-", with a letter or digit at both ends) or the ARN of an access point.`,
      { details: { bucket: trimmed } },
    );
  }
  return trimmed;
}

/** The ARN of a bucket, as a policy names it. */
export function bucketArn(bucket: string, partition = "aws"): string {
  return bucket.startsWith("arn:") ? bucket : `arn:${partition}:s3:::${bucket}`;
}

/** The ARN of the objects below a prefix, as a policy names them: of all objects without one. */
export function objectsArn(bucket: string, prefix: string, partition = "aws"): string {
  const folder = prefix === "" ? "" : `${prefix}/`;
  return bucket.startsWith("arn:") ? `${bucket}/object/${folder}*` : `arn:${partition}:s3:::${bucket}/${folder}*`;
}
