import type { ErrorCode } from "../../../errors/error-codes.ts";
import { ownEntry } from "../../../errors/own-entry.ts";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { type AwsErrorFacts, readAwsError, responseElement } from "../../aws/errors/aws-error-facts.ts";
import { quoteAws } from "../../aws/errors/aws-words.ts";
import { explainDenial } from "../../aws/errors/explain-denial.ts";
import { awsError, awsRequestRefused, mapCommonAwsError } from "../../aws/errors/map-aws-error.ts";
import { bucketArn, objectsArn } from "../bucket-name.ts";
import { regionInResponse } from "../client/follow-regions.ts";
import { partitionOf, sentRequestOf } from "../client/sent-request.ts";
import { checksumHint, explainMissingFeature } from "./missing-feature.ts";
import { explainStoreFault, type StoreFault } from "./store-fault.ts";

/** The request that an error belongs to. */
export interface S3ErrorContext {
  /** The IAM action: `s3:PutObject`. */
  readonly action: string;
  /** Absent for the list of buckets. */
  readonly bucket?: string;
  /** Absent for a request about the bucket itself. */
  readonly key?: string;
  /** The folder that this key has in common with others of the step, for the advice what to allow; default the bucket. */
  readonly folder?: string | undefined;
}

interface Finding {
  readonly code: ErrorCode;
  readonly retryable?: boolean;
  readonly explanation: (context: S3ErrorContext, facts: AwsErrorFacts, error: unknown) => string;
}

const BUCKET_NOT_FOUND: Finding = {
  code: "S3_BUCKET_NOT_FOUND",
  explanation: ({ bucket }) => `the bucket "${bucket}" does not exist. Check its name, the account and the endpoint.`,
};
const WRONG_REGION: Finding = {
  code: "S3_BUCKET_WRONG_REGION",
  explanation: ({ bucket }, _facts, error) => {
    const region = regionInResponse(error);
    const where =
      region === undefined ? "in another region" : `in the region ${region}, which does not serve it either`;
    return bucket === undefined
      ? "this endpoint serves another region. Correct the region or the endpoint in the account node."
      : `the bucket "${bucket}" is ${where}. Set the region of the account node to that of the bucket, and check the endpoint.`;
  },
};
const UNKNOWN_REGION: Finding = {
  code: "S3_BUCKET_WRONG_REGION",
  explanation: (_context, facts) =>
    `the store does not know the region of the account.${quoteAws("s3", facts)} Set the region in the account node to one of the store's.`,
};
const ACCESS_DENIED: Finding = {
  code: "S3_ACCESS_DENIED",
  explanation: (context, facts, error) => {
    // AWS names the ARN of the object in the partition of the bucket.
    const [, named] = /"arn:(aws[a-z-]*):s3:/.exec(facts.message) ?? [];
    const partition = named ?? partitionOf(sentRequestOf(error)?.hostname ?? "");
    const [on, hint] = [allowedOn(context, partition), hintOf(context, partition)];
    return explainDenial(facts, { service: "s3", action: context.action, on, hint });
  },
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
  explanation: (_context, facts, error) => {
    const limit = responseElement(error, "MaxSizeAllowed");
    return `the object or one of its parts is larger than S3 allows${limit === "" ? "" : ` (${limit} bytes)`}.${quoteAws("s3", facts)} Choose another part size, or split the file.`;
  },
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
  InvalidRegion: UNKNOWN_REGION,
  InvalidRegionName: UNKNOWN_REGION,
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
  const { bucket, key, action } = context;
  const request = { service: "s3", action, resource: resourceOf(bucket, key) } as const;
  const facts = readAwsError(error);
  const sent = sentRequestOf(error);
  const ofStore = explainStore(error, facts, context);
  if (ofStore !== undefined) {
    return awsError(ofStore.code, ofStore.explanation, {
      error,
      context: request,
      retryable: ofStore.retryable ?? false,
    });
  }
  const hint = checksumHint(facts, sent);
  const common = mapCommonAwsError(error, request);
  if (common !== undefined) {
    return withHint(common, hint);
  }
  const finding = findingOf(facts, context);
  if (finding !== undefined) {
    const { code, explanation, retryable = false } = finding;
    return awsError(code, `${explanation(context, facts, error)}${hint}`, { error, context: request, retryable });
  }
  return facts.httpStatus === undefined
    ? failedInSdk(error, context, request.resource)
    : withHint(awsRequestRefused(error, request), hint);
}

function explainStore(error: unknown, facts: AwsErrorFacts, { bucket }: S3ErrorContext): StoreFault | undefined {
  const sent = sentRequestOf(error);
  const fault = explainStoreFault(error, facts, { bucket, sent });
  const missing = fault === undefined ? explainMissingFeature(error, facts, sent) : undefined;
  return missing === undefined ? fault : { code: "S3_FEATURE_UNSUPPORTED", explanation: missing };
}

function findingOf({ name, httpStatus }: AwsErrorFacts, { bucket, key }: S3ErrorContext): Finding | undefined {
  const isBucketMissing = httpStatus === 404 && bucket !== undefined && key === undefined;
  return (
    ownEntry(BY_NAME, name) ??
    (name.startsWith("KMS.") ? KMS : undefined) ??
    (isBucketMissing ? BUCKET_NOT_FOUND : ownEntry(BY_STATUS, httpStatus))
  );
}

function resourceOf(bucket: string | undefined, key: string | undefined): string {
  if (bucket === undefined) {
    return "buckets";
  }
  return key === undefined ? `bucket ${bucket}` : `s3://${bucket}/${key}`;
}

/** What a policy has to name: all objects of the step, not the one with a random key. */
function allowedOn({ bucket, key, folder }: S3ErrorContext, partition: string): string {
  if (bucket === undefined) {
    return "all resources (*)";
  }
  return key === undefined ? bucketArn(bucket, partition) : objectsArn(bucket, folder ?? "", partition);
}

function hintOf({ action, bucket, key }: S3ErrorContext, partition: string): string {
  if (key === undefined) {
    return bucket === undefined
      ? " Or enter the name yourself."
      : " Check the bucket's own policy, or enter the name yourself.";
  }
  const missing =
    action === "s3:GetObject"
      ? ` Also allow s3:ListBucket on ${bucketArn(bucket ?? "", partition)}: without it, S3 denies access to keys that do not exist.`
      : "";
  return `${missing} Check the bucket's own policy, and whether its requester pays.`;
}

function withHint(error: PipelineError, hint: string): PipelineError {
  const { code, message, retryable, details, cause } = error;
  return hint === "" ? error : new PipelineError(code, `${message}${hint}`, { retryable, details, cause });
}

/** The error for a failure that is not a response of S3 but of the SDK itself, such as an ARN that its endpoint does not take. */
function failedInSdk(error: unknown, { key }: S3ErrorContext, resource: string): PipelineError {
  const { message, name } = readAwsError(error);
  if (name === "EndpointError" || /\b(?:ARN|MRAP|Outposts|Access Points?)\b/i.test(message)) {
    const text = `${resource}: ${message}. Check the bucket, and the region, the endpoint and the path-style addresses of the AWS account.`;
    return new PipelineError("S3_NAME_INVALID", text, { cause: error });
  }
  if (message.includes("SigV4a")) {
    const text = `${resource}: requests to a multi-region access point are signed by @aws-sdk/signature-v4a, which is not installed for the version of @aws-sdk/client-s3 in use. Reinstall this package in the user directory of Node-RED.`;
    return new PipelineError("S3_FEATURE_UNSUPPORTED", text, { cause: error });
  }
  const what = key === undefined ? "The request for" : "The upload to";
  return new PipelineError("S3_UPLOAD_FAILED", `${what} ${resource} failed: ${message}`, { cause: error });
}
