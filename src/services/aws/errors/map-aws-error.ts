import { abortedError, PipelineError } from "../../../errors/pipeline-error.ts";
import { type AwsRequestContext, awsError } from "./aws-error.ts";
import { type AwsErrorFacts, readAwsError } from "./aws-error-facts.ts";
import { isCapacityCode } from "./capacity-codes.ts";
import { type Finding, findCredentialFault } from "./credential-faults.ts";

export { type AwsRequestContext, awsError, awsRequestRefused } from "./aws-error.ts";

const ACCOUNT_BLOCKED = new Set(["Blocked", "OptInRequired", "PendingVerification", "SubscriptionRequiredException"]);
const THROTTLED =
  /^(?:RequestLimitExceeded|EC2ThrottledException|Throttling\w*|ThrottledException|SlowDown|RequestThrottled\w*|TooManyRequests\w*|BandwidthLimitExceeded)$/;
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
  const finding = findCredentialFault(facts) ?? findSetup(facts) ?? findNetwork(facts) ?? findServiceFault(facts);
  return finding && awsError(finding.code, finding.says, { error, context, retryable: finding.retryable ?? false });
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
  // A server fault by its HTTP status; but a lack of capacity is an answer about the resource, so the service's own business.
  if (httpStatus !== undefined && httpStatus >= 500 && !isCapacityCode(name)) {
    return {
      code: "AWS_SERVICE_FAILED",
      retryable: true,
      says: `the service failed (HTTP ${httpStatus}${name ? ` ${name}` : ""}) and still did after all retries. Try again later.`,
    };
  }
  return undefined;
}
