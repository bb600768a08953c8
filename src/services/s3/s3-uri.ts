import { PipelineError } from "../../errors/pipeline-error.ts";

/**
 * Checks a bucket's name against S3's rules: 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at both ends,
 * no two dots in a row, not an IP address.
 *
 * @returns the name, without surrounding white space
 * @throws PipelineError `S3_NAME_INVALID`
 */
export function validateBucketName(name: string): string {
  const trimmed = name.trim();
  const isWellFormed = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(trimmed);
  if (!isWellFormed || trimmed.includes("..") || /^\d+\.\d+\.\d+\.\d+$/.test(trimmed)) {
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

/**
 * Splits `s3://bucket/prefix` into its parts.
 *
 * @returns the bucket, and the prefix without slashes at its ends; empty for the whole bucket
 * @throws PipelineError `S3_NAME_INVALID`
 */
export function parseS3Uri(uri: string): { bucket: string; prefix: string } {
  const match = /^s3:\/\/([^/]*)(.*)$/s.exec(uri.trim());
  if (match === null) {
    throw new PipelineError("S3_NAME_INVALID", `"${uri.trim()}" is not an S3 address: give s3://bucket/prefix.`);
  }
  const [, bucket = "", path = ""] = match;
  return { bucket: validateBucketName(bucket), prefix: trimSlashes(path) };
}

/** The same text without slashes at its ends. */
export function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}
