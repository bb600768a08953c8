import { boundedText } from "../../http/bounded-text.ts";
import { USER_AGENT } from "../../http/user-agent.ts";
import { countRequest } from "../../request-counts.ts";
import type { SecretText } from "../../secret-text.ts";
import { networkError, responseError, statusError, timeLimitError } from "./lightly-error.ts";

/** One request to Lightly's API, without server and token. */
export interface LightlyRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** From {@link apiPath}. */
  readonly path: string;
  /** The parameters in their order; a key may occur several times. */
  readonly query?: ReadonlyArray<readonly [key: string, value: string]>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** The maximum size of the response after decompression; default {@link MAX_RESPONSE_BYTES}. */
  readonly maxBytes?: number;
  readonly signal: AbortSignal;
}

/** A page of 5,000 names of the maximum length in S3 has 5 MiB. */
const MAX_RESPONSE_BYTES = 16 * 2 ** 20;
/** The maximum size of an error response. */
const MAX_ERROR_BYTES = 64 * 2 ** 10;

/** A complete response. */
export interface LightlyResponse {
  /** Method and path, for errors: the query contains the token. */
  readonly endpoint: string;
  readonly status: number;
  readonly text: string;
}

/** Creates a path. Inserted values are percent-encoded. */
export function apiPath(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent));
}

/** What an attempt needs in addition to the request. */
export interface Connection {
  readonly server: string;
  readonly token: string;
  readonly secret: SecretText;
  readonly fetch: typeof fetch;
  readonly limitMs: number;
}

/**
 * Sends a request once, and reads the whole response. The token is removed from it, in case the server has repeated it.
 *
 * @returns a response with a status below 300
 * @throws PipelineError otherwise. It does not contain the URL, which has the token. The caller must check `signal.aborted` first.
 */
export async function sendRequest(request: LightlyRequest, connection: Connection): Promise<LightlyResponse> {
  const { server, token, secret, fetch, limitMs } = connection;
  const { method, path, query = [], body, maxBytes = MAX_RESPONSE_BYTES, signal } = request;
  const context = { endpoint: `${method} ${path}`, server, clean: secret.clean };
  const parameters = [...query, ["token", token] as const];
  const url = `${server}${path}?${parameters.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&")}`;
  const cut = requestSignal(signal, limitMs);
  let response: Response;
  let text: string | undefined;
  countRequest("lightly");
  try {
    response = await fetch(url, {
      method,
      headers: {
        accept: "application/json",
        "user-agent": USER_AGENT,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // Following a redirect would send the token to another server, or turn a POST into a GET.
      redirect: "manual",
      signal: cut.signal,
    });
    text = await boundedText(response, response.status >= 400 ? MAX_ERROR_BYTES : maxBytes);
  } catch (error) {
    throw cut.isLate() && !signal.aborted ? timeLimitError(limitMs, context) : networkError(error, context);
  } finally {
    cut.release();
  }
  if (response.status >= 400) {
    const retryAfterMs = retryAfter(response.headers.get("retry-after"));
    throw statusError(
      {
        status: response.status,
        headers: response.headers,
        text: text ?? "",
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      },
      context,
    );
  }
  if (response.status >= 300) {
    throw responseError(context.endpoint, `is a redirect${redirectTarget(response, server)}`);
  }
  if (text === undefined) {
    throw responseError(context.endpoint, `is larger than ${maxBytes / 2 ** 20} MiB, and was not read`);
  }
  return { endpoint: context.endpoint, status: response.status, text: secret.scrub(text) };
}

/**
 * A signal that aborts a request at its limit, or with another signal. `release` removes its listener and timer: a step's signal exists
 * for days, and is used by a hundred thousand requests.
 */
function requestSignal(signal: AbortSignal, limitMs: number) {
  const cut = new AbortController();
  let isLate = false;
  const follow = (): void => cut.abort(signal.reason);
  const timer = setTimeout(() => {
    isLate = true;
    cut.abort();
  }, limitMs);
  signal.addEventListener("abort", follow, { once: true });
  if (signal.aborted) {
    follow();
  }
  return {
    signal: cut.signal,
    isLate: () => isLate,
    release: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", follow);
    },
  };
}

/** Parses a response as JSON. @throws PipelineError `LIGHTLY_RESPONSE_INVALID` */
export function jsonOf({ endpoint, text }: LightlyResponse): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's error is not used as the cause: it quotes the response, which may contain the URL.
    throw responseError(endpoint, text === "" ? "is empty" : "is not JSON");
  }
}

function redirectTarget(response: Response, server: string): string {
  const to = URL.parse(response.headers.get("location") ?? "", server);
  return to === null ? "" : ` to ${to.origin}`;
}

/** Converts `Retry-After` (seconds or an HTTP date) to milliseconds. */
function retryAfter(header: string | null): number | undefined {
  if (header === null || header.trim() === "") {
    return undefined;
  }
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
