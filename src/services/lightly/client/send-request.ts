import { boundedText } from "../../http/bounded-text.ts";
import type { SecretText } from "../../secret-text.ts";
import { networkError, responseError, statusError, timeLimitError } from "./lightly-error.ts";

/** One request to Lightly's API, without server and token. */
export interface LightlyRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** From {@link apiPath}. */
  readonly path: string;
  /** In this order; a key may occur several times. */
  readonly query?: ReadonlyArray<readonly [key: string, value: string]>;
  /** Sent as JSON; absent for none. */
  readonly body?: unknown;
  /** The longest answer that is read, in bytes after decompression; default {@link MAX_ANSWER_BYTES}. */
  readonly maxBytes?: number;
  readonly signal: AbortSignal;
}

/** A page of 5,000 names of the greatest length that S3 allows has 5 MiB. */
export const MAX_ANSWER_BYTES = 16 * 2 ** 20;
/** An error explains itself in less, or not at all. */
const MAX_ERROR_BYTES = 64 * 2 ** 10;

/** A complete answer. */
export interface LightlyAnswer {
  /** Method and path, for errors: the query holds the token. */
  readonly endpoint: string;
  readonly status: number;
  readonly text: string;
}

/** A path of which each inserted value is percent-encoded. */
export function apiPath(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent));
}

/** What one attempt needs beside the request. */
export interface Connection {
  readonly server: string;
  readonly token: string;
  readonly secret: SecretText;
  readonly fetch: typeof fetch;
  readonly limitMs: number;
}

/**
 * Sends a request once and reads the whole answer. The token stands in no text of it, wherever the server has repeated it.
 *
 * @returns an answer of any status below 300
 * @throws PipelineError for anything else, without the URL and so without the token; the caller looks at `signal.aborted` first
 */
export async function sendRequest(request: LightlyRequest, connection: Connection): Promise<LightlyAnswer> {
  const { server, token, secret, fetch, limitMs } = connection;
  const { method, path, query = [], body, maxBytes = MAX_ANSWER_BYTES, signal } = request;
  const asked = { endpoint: `${method} ${path}`, server, clean: secret.clean };
  const parameters = [...query, ["token", token] as const];
  const url = `${server}${path}?${parameters.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&")}`;
  const cut = cutOff(signal, limitMs);
  let response: Response;
  let text: string | undefined;
  try {
    response = await fetch(url, {
      method,
      headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirect that is followed would carry the token to wherever it leads, or turn a POST into a GET.
      redirect: "manual",
      signal: cut.signal,
    });
    text = await boundedText(response, response.status >= 400 ? MAX_ERROR_BYTES : maxBytes);
  } catch (error) {
    throw cut.isLate() && !signal.aborted ? timeLimitError(limitMs, asked) : networkError(error, asked);
  } finally {
    cut.release();
  }
  if (response.status >= 400) {
    const retryAfterMs = retryAfter(response.headers.get("retry-after"));
    throw statusError(
      { status: response.status, text: text ?? "", ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
      asked,
    );
  }
  if (response.status >= 300) {
    throw responseError(asked.endpoint, `is a redirect${target(response, server)}`);
  }
  if (text === undefined) {
    throw responseError(asked.endpoint, `is longer than ${maxBytes / 2 ** 20} MiB, and was not read`);
  }
  return { endpoint: asked.endpoint, status: response.status, text: secret.scrub(text) };
}

/**
 * A signal that ends a request with another one or after its limit. Nothing of it is left when the request is over: a step's signal
 * lives for days and sees a hundred thousand requests.
 */
function cutOff(signal: AbortSignal, limitMs: number) {
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

/** The JSON of an answer. @throws PipelineError `LIGHTLY_RESPONSE_INVALID` */
export function jsonOf({ endpoint, text }: LightlyAnswer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's error quotes the answer, which may repeat the URL: it is not kept as a cause.
    throw responseError(endpoint, text === "" ? "is empty" : "is not JSON");
  }
}

function target(response: Response, server: string): string {
  const to = URL.parse(response.headers.get("location") ?? "", server);
  return to === null ? "" : ` to ${to.origin}`;
}

/** `Retry-After` in milliseconds: seconds, or a date of HTTP. */
function retryAfter(header: string | null): number | undefined {
  if (header === null || header.trim() === "") {
    return undefined;
  }
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
