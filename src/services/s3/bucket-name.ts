import { PipelineError } from "../../errors/pipeline-error.ts";
import { isBucketName } from "../../fields/rules/s3.ts";

/**
 * Checks a bucket's name against S3's rules: 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at both ends,
 * no two dots in a row, not an IP address.
 *
 * @returns the name, without surrounding white space
 * @throws PipelineError `S3_NAME_INVALID`
 */
export function validateBucketName(name: string): string {
  const trimmed = name.trim();
  if (!isBucketName(trimmed)) {
    throw new PipelineError(
      "S3_NAME_INVALID",
      trimmed === ""
        ? "No bucket is named. Give the name of an S3 bucket."
        : `"${trimmed}" is not a bucket name: 3 to 63 lower-case letters, digits, "." and "-", with a letter or digit at both ends.`,
      { details: { bucket: trimmed } },
    );
  }
  return trimmed;
}
