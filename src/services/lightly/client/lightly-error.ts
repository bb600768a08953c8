import type { ErrorCode } from "../../../errors/error-codes.ts";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { formatDuration } from "../../../polling/format-duration.ts";
import { explainConnection, PROXY_REQUIRES_LOGIN } from "../../http/connections/connection-fault.ts";
import { describeWebPage, isWebPage } from "../../http/web-page.ts";
import { type Cleaner, cleanCause, codeOf } from "../../secret-text.ts";

/**
 * Whether a failed request was delivered (`details.delivery`): it was not sent, Lightly refused it, or it is unknown whether Lightly has
 * processed it.
 */
export type Delivery = "not-sent" | "refused" | "unknown";

/** Network errors that happen before the first byte of the request is sent. */
const BEFORE_SENDING = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The request of an error. `endpoint` is method and path, without the query, which contains the token. */
export interface RequestContext {
  readonly endpoint: string;
  readonly server: string;
  readonly clean: Cleaner;
}

/**
 * Creates the error of a request without a response. Its cause is a copy that contains no URL. A setting of the connection that is not
 * valid, such as the CA file, keeps its code.
 */
export function networkError(thrown: unknown, { endpoint, server, clean }: RequestContext): PipelineError {
  if (thrown instanceof PipelineError) {
    const details = { ...thrown.details, endpoint, server, delivery: "not-sent" satisfies Delivery };
    return new PipelineError(thrown.code, thrown.message, { retryable: thrown.retryable, details });
  }
  const code = codeOf(thrown) ?? "";
  const cause = cleanCause(thrown, clean);
  const fault = explainConnection(thrown, URL.parse(server)?.host ?? server);
  const delivery: Delivery = BEFORE_SENDING.has(code) || fault !== undefined ? "not-sent" : "unknown";
  const message =
    fault === undefined
      ? `Lightly at ${server} did not respond to ${endpoint} (${cause.message}). Check the network and the account's server URL.`
      : `Lightly at ${server} was not reached for ${endpoint}: ${clean(fault.explanation)}`;
  return new PipelineError("LIGHTLY_UNREACHABLE", message, {
    retryable: !fault?.isPermanent,
    details: { endpoint, server, delivery },
    cause,
  });
}

/** Creates the error of a request without a response within `limitMs`. */
export function timeLimitError(limitMs: number, { endpoint, server }: RequestContext): PipelineError {
  return new PipelineError(
    "LIGHTLY_UNREACHABLE",
    `Lightly at ${server} did not respond to ${endpoint} within ${limitMs / 1000} s. Check the network and the account's server URL.`,
    { retryable: true, details: { endpoint, server, delivery: "unknown" satisfies Delivery } },
  );
}

/** Creates the error of a response that does not match the API. `problem` completes "Lightly's response to GET /v1/... ". */
export function responseError(endpoint: string, problem: string): PipelineError {
  return new PipelineError(
    "LIGHTLY_RESPONSE_INVALID",
    `Lightly's response to ${endpoint} ${problem}. Check the account's server URL, and whether a proxy responds in its place.`,
    { details: { endpoint, delivery: "unknown" satisfies Delivery } },
  );
}

/** Creates the error of a response with a status of 400 or more. */
export function statusError(
  response: { status: number; headers: Headers; text: string; retryAfterMs?: number },
  context: RequestContext,
): PipelineError {
  const { status, retryAfterMs } = response;
  const { endpoint, clean } = context;
  if (status < 500 && status !== 407 && isWebPage(response.headers.get("content-type"), response.text)) {
    return pageError(response, context);
  }
  const { apiCode, reason } = explanationIn(response.text, clean);
  const kind = kindOf(status, apiCode, retryAfterMs);
  const summary = [String(status), apiCode, reason].filter((part) => part !== undefined).join(" ");
  const delivery: Delivery = status === 408 || status >= 500 ? "unknown" : "refused";
  return new PipelineError(kind.code, `${kind.what} (${endpoint}: ${summary}). ${kind.advice}`, {
    retryable: kind.retryable ?? false,
    details: {
      endpoint,
      status,
      delivery,
      ...(apiCode === undefined ? {} : { apiCode }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  });
}

/** The error of a page of something in front of Lightly, which is not about the token. */
function pageError(
  { status, headers, text }: { status: number; headers: Headers; text: string },
  { endpoint, server, clean }: RequestContext,
): PipelineError {
  const page = clean(describeWebPage(headers, clean(text)));
  return new PipelineError(
    "LIGHTLY_REQUEST_REFUSED",
    `Lightly at ${server} responded to ${endpoint} with HTTP ${status} and ${page} instead of its API: a protection of the site or a proxy has refused the request, whatever the token. Try again later or from another network, and check the account's server URL.`,
    { details: { endpoint, status, delivery: "refused" satisfies Delivery } },
  );
}

interface Kind {
  readonly code: ErrorCode;
  readonly what: string;
  readonly advice: string;
  readonly retryable?: boolean;
}

function kindOf(status: number, apiCode: string | undefined, retryAfterMs: number | undefined): Kind {
  if (status === 401) {
    const advice = "Check the token of the Lightly account, or LIGHTLY_TOKEN.";
    return { code: "LIGHTLY_UNAUTHORIZED", what: "Lightly does not accept the API token", advice };
  }
  if (status === 402 || status === 403) {
    const advice = "Check the token's role and the plan of its team.";
    return { code: "LIGHTLY_ACCESS_DENIED", what: "The Lightly API token does not allow this", advice };
  }
  if (status === 404 && apiCode === "DATASET_UNKNOWN") {
    const advice = "Check whether it was deleted or belongs to another account.";
    return { code: "LIGHTLY_DATASET_NOT_FOUND", what: "Lightly does not know the dataset", advice };
  }
  if (status === 407) {
    return { code: "LIGHTLY_UNREACHABLE", what: "Lightly was not reached", advice: `Here ${PROXY_REQUIRES_LOGIN}.` };
  }
  if (status === 429) {
    const span = retryAfterMs === undefined ? "" : ` ${formatDuration(retryAfterMs)}`;
    const advice = `Wait${span} before the next request, and poll less often.`;
    return { code: "LIGHTLY_RATE_LIMITED", what: "Lightly limits the request rate", advice, retryable: true };
  }
  if (status === 408 || status >= 500) {
    const advice = "Try again later.";
    return { code: "LIGHTLY_SERVICE_FAILED", what: "Lightly reported an internal failure", advice, retryable: true };
  }
  return {
    code: "LIGHTLY_REQUEST_REFUSED",
    what: "Lightly refused the request",
    advice: "Correct the value that it names.",
  };
}

/** Reads `{ code, error }` of an error body, and removes secrets before it is truncated. Other bodies are ignored. */
function explanationIn(text: string, clean: Cleaner): { apiCode?: string; reason?: string } {
  let body: { code?: unknown; error?: unknown };
  try {
    body = Object(JSON.parse(text));
  } catch {
    return {};
  }
  return {
    ...(typeof body.code === "string" ? { apiCode: clean(body.code).slice(0, 100) } : {}),
    ...(typeof body.error === "string" ? { reason: clean(body.error).slice(0, 500) } : {}),
  };
}
