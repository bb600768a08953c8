import type { ErrorCode } from "../../errors/error-codes.ts";
import { ownEntry } from "../../errors/own-entry.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { type AwsErrorFacts, readAwsError } from "../aws/errors/aws-error-facts.ts";
import { awsError, awsRequestRefused, mapCommonAwsError } from "../aws/errors/map-aws-error.ts";

/** The request that an error belongs to. */
export interface S3ErrorContext {
  readonly bucket: string;
  readonly key: string;
  /** The IAM action: `s3:PutObject`. */
  readonly action: string;
}

interface Finding {
  readonly code: ErrorCode;
  readonly retryable?: boolean;
  readonly explanation: (context: S3ErrorContext, facts: AwsErrorFacts) => string;
}

const BUCKET_NOT_FOUND: Finding = {
  code: "S3_BUCKET_NOT_FOUND",
  explanation: ({ bucket }) => `the bucket "${bucket}" does not exist. Check its name, the account and the endpoint.`,
};
const WRONG_REGION: Finding = {
  code: "S3_BUCKET_WRONG_REGION",
  explanation: ({ bucket }) =>
    `the bucket "${bucket}" is in another region. Set the region of the account node to that of the bucket.`,
};
const ACCESS_DENIED: Finding = {
  code: "S3_ACCESS_DENIED",
  explanation: ({ action, bucket, key }) =>
    `the credentials may not do this. Allow ${action} on arn:aws:s3:::${bucket}/${key}, and check the bucket's own policy.`,
};
const EXISTS: Finding = {
  code: "S3_OBJECT_EXISTS",
  explanation: () => "an object with this key exists already. Choose another key, or allow overwriting.",
};
const CONFLICT: Finding = {
  code: "S3_UPLOAD_FAILED",
  retryable: true,
  explanation: () => "another request was writing to the same key. Try again.",
};
const MISMATCH: Finding = {
  code: "S3_CHECKSUM_MISMATCH",
  retryable: true,
  explanation: (_context, { name }) =>
    `S3 received other bytes than were sent (${name}). Try again; if it persists, check the network.`,
};
const NAME: Finding = {
  code: "S3_NAME_INVALID",
  explanation: (_context, { message }) => `S3 does not accept the name: ${message}`,
};
const TOO_LARGE: Finding = {
  code: "S3_UPLOAD_FAILED",
  explanation: () =>
    "the object or one of its parts is larger than S3 allows. Choose another part size, or split the file.",
};
const GONE: Finding = {
  code: "S3_UPLOAD_FAILED",
  retryable: true,
  explanation: () => "the unfinished upload was removed by a lifecycle rule or another client. Try again.",
};
const KMS: Finding = {
  code: "S3_UPLOAD_FAILED",
  explanation: (_context, { name, message }) => `the KMS key can't be used (${name}): ${message}`,
};

const BY_NAME: Readonly<Record<string, Finding>> = {
  NoSuchBucket: BUCKET_NOT_FOUND,
  PermanentRedirect: WRONG_REGION,
  TemporaryRedirect: WRONG_REGION,
  AuthorizationHeaderMalformed: WRONG_REGION,
  IllegalLocationConstraintException: WRONG_REGION,
  AccessDenied: ACCESS_DENIED,
  AllAccessDisabled: ACCESS_DENIED,
  AccountProblem: ACCESS_DENIED,
  Forbidden: ACCESS_DENIED,
  PreconditionFailed: EXISTS,
  ConditionalRequestConflict: CONFLICT,
  OperationAborted: CONFLICT,
  BadDigest: MISMATCH,
  InvalidDigest: MISMATCH,
  IncompleteBody: MISMATCH,
  InvalidPart: MISMATCH,
  XAmzContentSHA256Mismatch: MISMATCH,
  XAmzContentChecksumMismatch: MISMATCH,
  InvalidBucketName: NAME,
  KeyTooLongError: NAME,
  EntityTooLarge: TOO_LARGE,
  NoSuchUpload: GONE,
};
const BY_STATUS: Readonly<Record<number, Finding>> = {
  301: WRONG_REGION,
  307: WRONG_REGION,
  403: ACCESS_DENIED,
  412: EXISTS,
};

/**
 * Maps an error that an S3 client threw.
 *
 * @returns the error to throw: `AWS_*`, `S3_*`, `ABORTED`; a PipelineError is returned unchanged
 */
export function mapS3Error(error: unknown, context: S3ErrorContext): PipelineError {
  if (error instanceof PipelineError) {
    return error;
  }
  const request = {
    service: "s3",
    action: context.action,
    resource: `s3://${context.bucket}/${context.key}`,
  } as const;
  const common = mapCommonAwsError(error, request);
  if (common !== undefined) {
    return common;
  }
  const facts = readAwsError(error);
  const finding =
    ownEntry(BY_NAME, facts.name) ?? (facts.name.startsWith("KMS.") ? KMS : ownEntry(BY_STATUS, facts.httpStatus));
  if (finding === undefined) {
    return facts.httpStatus === undefined ? uploadFailed(error, request.resource) : awsRequestRefused(error, request);
  }
  return awsError(finding.code, finding.explanation(context, facts), {
    error,
    context: request,
    retryable: finding.retryable ?? false,
  });
}

/** The error for a failure that is not an answer of S3 but of the SDK itself. */
function uploadFailed(error: unknown, resource: string): PipelineError {
  const text = error instanceof Error ? error.message : String(error);
  return new PipelineError("S3_UPLOAD_FAILED", `The upload to ${resource} failed: ${text}`, { cause: error });
}
