import { abortedError, PipelineError } from "../../../errors/pipeline-error.ts";
import { redact } from "../../../errors/redact.ts";
import { explainConnection, PROXY_REQUIRES_LOGIN } from "../../http/connections/connection-fault.ts";
import { type AwsRequestContext, awsError } from "./aws-error.ts";
import { type AwsErrorFacts, hasGeneralCode, readAwsError } from "./aws-error-facts.ts";
import { isCapacityCode } from "./capacity-codes.ts";
import { type Finding, findCredentialFault } from "./credential-faults.ts";
import { findRedirect } from "./redirect-fault.ts";

export { type AwsRequestContext, awsError, awsRequestRefused } from "./aws-error.ts";

const ACCOUNT_BLOCKED = new Set(["Blocked", "OptInRequired", "PendingVerification", "SubscriptionRequiredException"]);
const THROTTLED =
  /^(?:RequestLimitExceeded|EC2ThrottledException|(?:KMS\.)?Throttling\w*|ThrottledException|SlowDown\w*|RequestThrottled\w*|TooManyRequests\w*|BandwidthLimitExceeded)$/;
const UNREACHABLE = new Set(
  "EAI_AGAIN ECONNABORTED ECONNREFUSED ECONNRESET EHOSTDOWN EHOSTUNREACH ENETDOWN ENETUNREACH ENOTFOUND EPIPE ETIMEDOUT".split(
    " ",
  ),
);

/** For requests that many waits share: 0 if AWS has refused a request because of the request rate (it names no pause), else undefined. */
export function throttledByAws(error: unknown): 0 | undefined {
  const { name, httpStatus } = readAwsError(error);
  return isThrottled(name, httpStatus) ? 0 : undefined;
}

function isThrottled(name: string, httpStatus: number | undefined): boolean {
  return THROTTLED.test(name) || httpStatus === 429;
}

/**
 * Maps the errors that all AWS services have in common: credentials, region, network, throttling, failures of the service itself.
 *
 * @param error - the error of a client's `send`
 * @param context - the request, for the message
 * @returns the error to throw (`AWS_*`, `INPUT_INVALID` for an endpoint or region that is not valid, `ABORTED`); `undefined` for a code
 *   that is specific to the service. `retryable` is set for temporary errors: network, throttling, server faults.
 */
export function mapCommonAwsError(error: unknown, context: AwsRequestContext): PipelineError | undefined {
  if (error instanceof PipelineError) {
    return error;
  }
  const facts = readAwsError(error);
  if (facts.name === "AbortError") {
    return abortedError(error instanceof Error && error.cause !== undefined ? error.cause : error);
  }
  const finding =
    findCredentialFault(facts) ??
    findSetup(facts) ??
    findNetwork(error, facts) ??
    findRedirect(error, facts) ??
    findServiceFault(facts);
  return (
    finding && awsError(finding.code, finding.explanation, { error, context, retryable: finding.retryable ?? false })
  );
}

function findSetup({ name, message, systemCode }: AwsErrorFacts): Finding | undefined {
  if (message.startsWith("Region not accepted")) {
    return { code: "INPUT_INVALID", explanation: `${message} Correct the region in the account node, or AWS_REGION.` };
  }
  if (systemCode === "ERR_INVALID_URL") {
    return {
      code: "INPUT_INVALID",
      explanation:
        "the endpoint is not a valid URL. Enter one that begins with http:// or https:// in the account node, or in AWS_ENDPOINT_URL.",
    };
  }
  if (ACCOUNT_BLOCKED.has(name)) {
    return {
      code: "AWS_REQUEST_REFUSED",
      explanation: `the AWS account is not allowed to use this service yet (${name}): ${message}`,
    };
  }
  return undefined;
}

function findNetwork(error: unknown, { name, systemCode, httpStatus, host }: AwsErrorFacts): Finding | undefined {
  const fault = explainConnection(error, host ?? "the endpoint");
  if (fault !== undefined) {
    return { code: "AWS_UNREACHABLE", retryable: !fault.isPermanent, explanation: fault.explanation };
  }
  if (httpStatus === 407) {
    return { code: "AWS_UNREACHABLE", explanation: `${PROXY_REQUIRES_LOGIN}.` };
  }
  const isTimeout = name === "TimeoutError" || name === "RequestTimeout" || name === "RequestTimeoutException";
  if (isTimeout || (systemCode !== undefined && UNREACHABLE.has(systemCode))) {
    return {
      code: "AWS_UNREACHABLE",
      retryable: true,
      explanation: `no response${host === undefined ? "" : ` from ${host}`} (${systemCode ?? name}${httpStatus ? `, interrupted after HTTP ${httpStatus}` : ""}). Check the network, the region, the proxy if there is one, and the endpoint if one is set (account node, AWS_ENDPOINT_URL).`,
    };
  }
  return undefined;
}

function findServiceFault({
  name,
  message,
  httpStatus,
  isMalformedResponse,
  page,
}: AwsErrorFacts): Finding | undefined {
  if (isThrottled(name, httpStatus)) {
    return {
      code: "AWS_RATE_LIMITED",
      retryable: true,
      explanation: `AWS still limits the rate of requests after all retries (${name}). Increase the poll interval, or start fewer runs at a time.`,
    };
  }
  const quoted = page === "" ? "" : `: "${page}"`;
  if (isMalformedResponse && httpStatus !== undefined && httpStatus >= 300 && httpStatus < 500) {
    return {
      code: "AWS_REQUEST_REFUSED",
      explanation: `HTTP ${httpStatus} with a response that is not from AWS${quoted}. Check the endpoint, and whether there is a proxy in between.`,
    };
  }
  // A service that does not implement a request will not do so at a second try.
  if (httpStatus === 501) {
    return {
      code: "AWS_REQUEST_REFUSED",
      explanation: `the service does not implement this request (HTTP 501)${page === "" ? `: ${redact(message)}` : quoted}. Check the endpoint.`,
    };
  }
  if (isMalformedResponse || name === "SyntaxError") {
    return {
      code: "AWS_SERVICE_FAILED",
      retryable: true,
      explanation: `the response can't be read: it is not from AWS, or is incomplete${quoted}. Check the endpoint, and whether there is a proxy in between.`,
    };
  }
  // A lack of capacity has the HTTP status of a server fault, but is mapped by the service.
  if (httpStatus !== undefined && httpStatus >= 500 && !isCapacityCode(name)) {
    return {
      code: "AWS_SERVICE_FAILED",
      retryable: true,
      explanation: `the service failed (HTTP ${httpStatus}${hasGeneralCode({ name }) ? "" : ` ${name}`}) in all retries. Try again later.`,
    };
  }
  return undefined;
}
