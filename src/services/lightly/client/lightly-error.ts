import type { ErrorCode } from "../../../errors/error-codes.ts";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { formatDuration } from "../../../polling/format-duration.ts";
import { type Cleaner, cleanCause, codeOf } from "../../secret-text.ts";

/**
 * What became of the request that failed, as `details.delivery` tells: it never left, Lightly refused it, or nobody knows whether
 * Lightly has acted on it.
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
/** The server showed a certificate that is not to be trusted: the next attempt ends the same. */
const CERTIFICATE = /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** Where a request went: `endpoint` is method and path without the query, which holds the token. */
export interface Asked {
  readonly endpoint: string;
  readonly server: string;
  readonly clean: Cleaner;
}

/** The error of a request that got no answer; its cause is a copy that names no URL. */
export function networkError(thrown: unknown, { endpoint, server, clean }: Asked): PipelineError {
  const code = codeOf(thrown) ?? "";
  const cause = cleanCause(thrown, clean);
  const delivery: Delivery = BEFORE_SENDING.has(code) || CERTIFICATE.test(code) ? "not-sent" : "unknown";
  return new PipelineError(
    "LIGHTLY_UNREACHABLE",
    `Lightly at ${server} did not answer ${endpoint} (${cause.message}). Check the network and the account's server address.`,
    { retryable: !CERTIFICATE.test(code), details: { endpoint, server, delivery }, cause },
  );
}

/** The error of a request whose answer did not come within `limitMs`. */
export function timeLimitError(limitMs: number, { endpoint, server }: Asked): PipelineError {
  return new PipelineError(
    "LIGHTLY_UNREACHABLE",
    `Lightly at ${server} did not answer ${endpoint} within ${limitMs / 1000} s. Check the network and the account's server address.`,
    { retryable: true, details: { endpoint, server, delivery: "unknown" satisfies Delivery } },
  );
}

/** An answer that is not what the API promises; `problem` completes "Lightly's answer to GET /v1/... ". */
export function responseError(endpoint: string, problem: string): PipelineError {
  return new PipelineError(
    "LIGHTLY_RESPONSE_INVALID",
    `Lightly's answer to ${endpoint} ${problem}. Check the account's server address, and whether a proxy answers in its place.`,
    { details: { endpoint, delivery: "unknown" satisfies Delivery } },
  );
}

/** The error of an answer with a status of 400 or more. */
export function statusError(
  answer: { status: number; text: string; retryAfterMs?: number },
  asked: Asked,
): PipelineError {
  const { status, retryAfterMs } = answer;
  const { endpoint, clean } = asked;
  const { apiCode, reason } = explanationIn(answer.text, clean);
  const kind = kindOf(status, apiCode, retryAfterMs);
  const said = [String(status), apiCode, reason].filter((part) => part !== undefined).join(" ");
  const delivery: Delivery = status === 408 || status >= 500 ? "unknown" : "refused";
  return new PipelineError(kind.code, `${kind.what} (${endpoint}: ${said}). ${kind.advice}`, {
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
    return { code: "LIGHTLY_ACCESS_DENIED", what: "Lightly does not allow this to the token", advice };
  }
  if (status === 404 && apiCode === "DATASET_UNKNOWN") {
    const advice = "Check whether it was deleted, or belongs to another account.";
    return { code: "LIGHTLY_DATASET_NOT_FOUND", what: "Lightly does not know the dataset", advice };
  }
  if (status === 429) {
    const span = retryAfterMs === undefined ? "" : ` ${formatDuration(retryAfterMs)}`;
    const advice = `Wait${span} before the next one, and poll less often.`;
    return { code: "LIGHTLY_RATE_LIMITED", what: "Lightly refuses so many requests", advice, retryable: true };
  }
  if (status === 408 || status >= 500) {
    const advice = "Try again later.";
    return { code: "LIGHTLY_SERVICE_FAILED", what: "Lightly failed to answer", advice, retryable: true };
  }
  return { code: "LIGHTLY_REQUEST_REFUSED", what: "Lightly refused the request", advice: "Correct what it names." };
}

/** `{ code, error }` of an error body, cleaned before it is cut; a body of another form explains nothing. */
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
