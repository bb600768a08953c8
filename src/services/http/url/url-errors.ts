import type { ErrorCode } from "../../../errors/error-codes.ts";
import { ownEntry } from "../../../errors/own-entry.ts";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { explainConnection, PROXY_REQUIRES_LOGIN } from "../connections/connection-fault.ts";
import { displayUrl } from "./source-url.ts";

const STATUS_CODES: Readonly<Record<number, ErrorCode>> = {
  401: "SOURCE_UNREADABLE",
  403: "SOURCE_UNREADABLE",
  404: "SOURCE_NOT_FOUND",
  410: "SOURCE_NOT_FOUND",
};
const RETRYABLE_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Unknown name, not HTTP: a retry does not help. */
const PERMANENT_FAILURE = /^(ENOTFOUND|HPE_)/;

/**
 * The error for an error status: `SOURCE_UNREADABLE`, `SOURCE_NOT_FOUND`, `SOURCE_REFUSED`, or `SOURCE_UNREACHABLE` for one of a proxy.
 *
 * @param isWebPage - whether the response is a web page, which file servers do not send
 */
export function statusError(url: URL, status: number, isWebPage = false): PipelineError {
  if (status === 407) {
    return new PipelineError("SOURCE_UNREACHABLE", `${displayUrl(url)}: ${PROXY_REQUIRES_LOGIN}.`, {
      details: { url: displayUrl(url), status, reason: "HTTP 407 of the proxy" },
    });
  }
  const code = ownEntry(STATUS_CODES, status) ?? "SOURCE_REFUSED";
  if (isWebPage && code === "SOURCE_UNREADABLE") {
    return new PipelineError(
      code,
      `${displayUrl(url)} returned HTTP ${status} with a web page. A protection of the site or a proxy refuses this machine, or a login is required. Try from another network, or use a direct URL.`,
      { details: { url: displayUrl(url), status, reason: `HTTP ${status}` } },
    );
  }
  const action = {
    SOURCE_UNREADABLE: "The URL has expired or requires a permission. Use a new URL.",
    SOURCE_NOT_FOUND: "Check the address.",
  }[code as string];
  return new PipelineError(code, `${displayUrl(url)} returned HTTP ${status}. ${action ?? "Try again later."}`, {
    retryable: RETRYABLE_STATUS.has(status),
    details: { url: displayUrl(url), status, reason: `HTTP ${status}` },
  });
}

/** The error for a request without a response: `SOURCE_UNREACHABLE`. */
export function connectionError(url: URL, cause: unknown): PipelineError {
  const code = systemCode(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  const fault = explainConnection(cause, url.host);
  if (fault !== undefined) {
    return new PipelineError("SOURCE_UNREACHABLE", `${url.host} was not reached: ${fault.explanation}`, {
      retryable: !fault.isPermanent,
      details: { url: displayUrl(url), reason: code ?? "proxy" },
      cause,
    });
  }
  return new PipelineError(
    "SOURCE_UNREACHABLE",
    `${url.host} did not respond (${code ?? message}). Check the address and the network.`,
    {
      retryable: !PERMANENT_FAILURE.test(code ?? ""),
      details: { url: displayUrl(url), reason: code ?? message },
      cause,
    },
  );
}

/** The error for a body that ended early and can't be resumed: `SOURCE_INCOMPLETE`. */
export function incompleteError(
  url: URL,
  received: number,
  total: number | undefined,
  cause: PipelineError,
): PipelineError {
  const of = total === undefined ? "" : ` of ${total}`;
  return new PipelineError(
    "SOURCE_INCOMPLETE",
    `${displayUrl(url)} ended after ${received}${of} bytes (${cause.details.reason}) and could not be resumed. Try again later.`,
    { retryable: true, details: { url: displayUrl(url), receivedBytes: received, totalBytes: total ?? null }, cause },
  );
}

/** The error for a file that was replaced after its first bytes were read: `SOURCE_CHANGED`. */
export function changedError(url: URL): PipelineError {
  return new PipelineError("SOURCE_CHANGED", `${displayUrl(url)} was replaced while it was read. Run the step again.`, {
    retryable: true,
    details: { url: displayUrl(url) },
  });
}

const WRONG_PART = "wrong part";

/**
 * The error for a response with another part of the file than the requested one: `SOURCE_REFUSED`.
 *
 * @param contentRange - the header of the response that names its part
 */
export function wrongPartError(url: URL, firstByte: number, contentRange: string | undefined): PipelineError {
  const part =
    contentRange === undefined
      ? "with a part that it does not name (no Content-Range)"
      : `with ${contentRange.slice(0, 80)}`;
  return new PipelineError(
    "SOURCE_REFUSED",
    `${displayUrl(url)} responded ${part} to a request for the bytes from ${firstByte}. The server or a proxy does not support requests for parts. Run the step again, or use another URL.`,
    { retryable: true, details: { url: displayUrl(url), reason: WRONG_PART } },
  );
}

/** Whether a request for a part has failed in a way that the whole file may still be read from its first byte. */
export function mayReadWhole(error: unknown): boolean {
  return error instanceof PipelineError && (error.code === "SOURCE_CHANGED" || error.details.reason === WRONG_PART);
}

/** Whether the same part of the same version of the file may be read by another request. */
export function mayResume(error: unknown): error is PipelineError {
  return error instanceof PipelineError && error.retryable && !mayReadWhole(error);
}

/** The error for the whole file as the response to a request for a later part of it: `SOURCE_REFUSED`. */
export function noRangesError(url: URL): PipelineError {
  return new PipelineError(
    "SOURCE_REFUSED",
    `${displayUrl(url)} responded to a request for a part of the file with the whole file, after it had sent other parts. Set the number of parallel reads to 1.`,
    { details: { url: displayUrl(url) } },
  );
}

/** The error of a connection that sends nothing for too long: `SOURCE_UNREACHABLE`. */
export function stalledError(url: URL, limitMs: number): PipelineError {
  return new PipelineError(
    "SOURCE_UNREACHABLE",
    `${url.host} sent nothing for ${Math.round(limitMs / 1000)} s. Check the network, or try again later.`,
    { retryable: true, details: { url: displayUrl(url), reason: `silent for ${Math.round(limitMs / 1000)} s` } },
  );
}

function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}
