import type { ErrorCode } from "../../errors/error-codes.ts";
import { abortedError, PipelineError } from "../../errors/pipeline-error.ts";
import { redact } from "../../errors/redact.ts";
import { type AwsErrorFacts, readAwsError } from "./aws-error-facts.ts";

/** Which request an error belongs to. */
export interface AwsRequestContext {
  readonly service: "s3" | "ec2" | "ssm" | "sts";
  /** The IAM action, as a policy names it: `ec2:StartInstances`. */
  readonly action: string;
  /** As it reads in a sentence: `instance i-0123456789abcdef0`, `bucket videos`. */
  readonly resource: string;
}

type Finding = { readonly code: ErrorCode; readonly retryable?: boolean; readonly says: string };

const CREDENTIALS_INVALID = new Set([
  "AuthFailure",
  "IncompleteSignature",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "InvalidToken",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);
const CREDENTIALS_EXPIRED = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
  "TokenRefreshRequired",
]);
const CLOCK_WRONG = new Set(["RequestTimeTooSkewed", "RequestInTheFuture"]);
const ACCOUNT_BLOCKED = new Set(["Blocked", "OptInRequired", "PendingVerification", "SubscriptionRequiredException"]);
const THROTTLED =
  /^(?:RequestLimitExceeded|EC2ThrottledException|Throttling\w*|ThrottledException|SlowDown|RequestThrottled\w*|TooManyRequests\w*|BandwidthLimitExceeded)$/;
/** Server faults by HTTP status that are an answer about the resource all the same, so the service's own business. */
const OWN_BUSINESS = /^Insufficient\w*Capacity$/;
const UNREACHABLE = new Set(
  "EAI_AGAIN ECONNABORTED ECONNREFUSED ECONNRESET EHOSTDOWN EHOSTUNREACH ENETDOWN ENETUNREACH ENOTFOUND EPIPE ETIMEDOUT".split(
    " ",
  ),
);
const TLS_FAULT = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO$|HOSTNAME_MISMATCH)/;

/**
 * Maps what every AWS service has in common: credentials, region, network, throttling, failures of the service itself.
 *
 * @param error - what a client's `send` threw
 * @param context - the request, for the message
 * @returns the error to throw (`AWS_*`, `INPUT_INVALID` for an endpoint or region that is none, `ABORTED`); `undefined` when the
 *   code is the service's own business. `retryable` is set for what may pass by itself: network, throttling, server faults.
 */
export function mapCommonAwsError(error: unknown, context: AwsRequestContext): PipelineError | undefined {
  if (error instanceof PipelineError) {
    return error;
  }
  const facts = readAwsError(error);
  if (facts.name === "AbortError") {
    return abortedError(error instanceof Error && error.cause !== undefined ? error.cause : error);
  }
  const finding = findCredentials(facts) ?? findSetup(facts) ?? findNetwork(facts) ?? findServiceFault(facts);
  return finding && awsError(finding.code, finding.says, { error, context, retryable: finding.retryable ?? false });
}

/** The error for a refusal that neither {@link mapCommonAwsError} nor the service knows: it quotes what AWS says. */
export function awsRequestRefused(error: unknown, context: AwsRequestContext): PipelineError {
  const { name, message } = readAwsError(error);
  return awsError("AWS_REQUEST_REFUSED", `AWS answers ${name || "without a code"}: ${redact(message)}`, {
    error,
    context,
  });
}

/**
 * Builds the error of a failed AWS request: `EC2 StartInstances, instance i-...: <says>`.
 *
 * @param code - the error's code
 * @param says - what happened and what to do
 * @param of - the SDK's error (kept as cause, its code, status and request id as details), the request, whether a retry may help
 */
export function awsError(
  code: ErrorCode,
  says: string,
  of: { error: unknown; context: AwsRequestContext; retryable?: boolean },
): PipelineError {
  const { action, resource, service } = of.context;
  const facts = readAwsError(of.error);
  const operation = action.replace(/^\w+:/, "");
  return new PipelineError(code, `${service.toUpperCase()} ${operation}, ${resource}: ${says}`, {
    retryable: of.retryable ?? false,
    details: {
      action,
      resource,
      ...(facts.name && { awsCode: facts.name }),
      ...(facts.httpStatus !== undefined && { httpStatus: facts.httpStatus }),
      ...(facts.requestId !== undefined && { requestId: facts.requestId }),
    },
    cause: of.error,
  });
}

function findCredentials({ name, message }: AwsErrorFacts): Finding | undefined {
  if (/sts:AssumeRole/.test(message)) {
    return {
      code: "AWS_CREDENTIALS_INVALID",
      says: "the role may not be assumed. Check the role's ARN, that its trust policy names these credentials, and the external id.",
    };
  }
  if (/CredentialsProviderError|TokenProviderError/.test(name)) {
    return findCredentialSource(message);
  }
  if (CREDENTIALS_EXPIRED.has(name) || /Signature expired/i.test(message)) {
    return {
      code: "AWS_CREDENTIALS_EXPIRED",
      says:
        name === "RequestExpired" || /Signature expired/i.test(message)
          ? "the request arrived too late to be valid. Check this machine's clock, and renew the session if its credentials are temporary."
          : "the session of the credentials is over. Renew it (for a profile with single sign-on: `aws sso login`).",
    };
  }
  if (CLOCK_WRONG.has(name)) {
    return {
      code: "AWS_CREDENTIALS_INVALID",
      says: "this machine's clock differs from AWS's by minutes, so no signature is valid. Set the clock.",
    };
  }
  if (CREDENTIALS_INVALID.has(name)) {
    return {
      code: "AWS_CREDENTIALS_INVALID",
      says: `AWS does not accept the credentials (${name}). Check access key and secret in the account node, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN in the environment, and that they belong to this endpoint.`,
    };
  }
  return undefined;
}

function findCredentialSource(message: string): Finding {
  if (/expired|aws (?:sso )?login|SSO session/i.test(message)) {
    return {
      code: "AWS_CREDENTIALS_EXPIRED",
      says: "the session of the credentials is over. Renew it (for a profile with single sign-on: `aws sso login`).",
    };
  }
  // What a credential_process prints is not ours to show; and one sentence says nothing that ours does not.
  const detail = /^Command failed|from any providers/.test(message)
    ? ""
    : ` (${redact(message.split("\n", 1)[0] ?? "")})`;
  return {
    code: "AWS_CREDENTIALS_MISSING",
    says: `no credentials were found${detail}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a profile, keys or a role in the account node.`,
  };
}

function findSetup({ name, message, systemCode }: AwsErrorFacts): Finding | undefined {
  if (message === "Region is missing") {
    return { code: "AWS_REGION_MISSING", says: "no region is set. Set it in the account node, or as AWS_REGION." };
  }
  if (message.startsWith("Region not accepted")) {
    return { code: "INPUT_INVALID", says: `${message} Correct the region in the account node, or AWS_REGION.` };
  }
  if (systemCode === "ERR_INVALID_URL") {
    return {
      code: "INPUT_INVALID",
      says: "the endpoint is not a URL. It begins with http:// or https://; correct it in the account node, or AWS_ENDPOINT_URL.",
    };
  }
  if (ACCOUNT_BLOCKED.has(name)) {
    return { code: "AWS_REQUEST_REFUSED", says: `the AWS account may not use this service yet (${name}): ${message}` };
  }
  return undefined;
}

function findNetwork({ name, systemCode, httpStatus }: AwsErrorFacts): Finding | undefined {
  const isTimeout = name === "TimeoutError" || name === "RequestTimeout" || name === "RequestTimeoutException";
  if (isTimeout || (systemCode !== undefined && UNREACHABLE.has(systemCode))) {
    return {
      code: "AWS_UNREACHABLE",
      retryable: true,
      says: `no answer (${systemCode ?? name}${httpStatus ? `, broken off after HTTP ${httpStatus}` : ""}). Check the network, the region, and the endpoint if one is set (account node, AWS_ENDPOINT_URL).`,
    };
  }
  if (systemCode !== undefined && TLS_FAULT.test(systemCode)) {
    return {
      code: "AWS_UNREACHABLE",
      says: `no secure connection (${systemCode}). Check the endpoint's certificate, or a proxy in between (NODE_EXTRA_CA_CERTS names its authority).`,
    };
  }
  return undefined;
}

function findServiceFault({ name, httpStatus, isMalformedAnswer }: AwsErrorFacts): Finding | undefined {
  if (THROTTLED.test(name) || httpStatus === 429) {
    return {
      code: "AWS_THROTTLED",
      retryable: true,
      says: `AWS still refuses the rate of requests after all retries (${name}). Poll less often, or start fewer runs at a time.`,
    };
  }
  if (isMalformedAnswer && httpStatus !== undefined && httpStatus >= 300 && httpStatus < 500) {
    return {
      code: "AWS_REQUEST_REFUSED",
      says: `HTTP ${httpStatus} with an answer that is not AWS's. Check the endpoint, and whether a proxy is in between.`,
    };
  }
  if (isMalformedAnswer || name === "SyntaxError") {
    return {
      code: "AWS_SERVICE_FAILED",
      retryable: true,
      says: "the answer can't be read: it is not AWS's, or incomplete. Check the endpoint, and whether a proxy is in between.",
    };
  }
  if (httpStatus !== undefined && httpStatus >= 500 && !OWN_BUSINESS.test(name)) {
    return {
      code: "AWS_SERVICE_FAILED",
      retryable: true,
      says: `the service failed (HTTP ${httpStatus}${name ? ` ${name}` : ""}) and still did after all retries. Try again later.`,
    };
  }
  return undefined;
}
