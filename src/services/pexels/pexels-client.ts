import { abortedError, PipelineError } from "../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { withinLimit } from "../../polling/within-limit.ts";
import { boundedText } from "../http/bounded-text.ts";
import { explainConnection } from "../http/connections/connection-fault.ts";
import { Connections } from "../http/connections/connections.ts";
import { retry } from "../http/retry.ts";
import { USER_AGENT } from "../http/user-agent.ts";
import { describeWebPage, isWebPage } from "../http/web-page.ts";
import { countRequest } from "../request-counts.ts";
import { cleanCause, secretText } from "../secret-text.ts";
import { refusedError } from "./pexels-errors.ts";
import { type RateLimit, readRateLimit } from "./rate-limit.ts";

/** Pexels responds in less than a second. */
const REQUEST_LIMIT_MS = 30_000;
/** A page of 80 videos has under 1 MiB. */
const MAX_BYTES = 8 * 2 ** 20;

/** Sends requests to Pexels with one key. */
export interface PexelsClient {
  /** The base URL, without a slash at the end. */
  readonly apiUrl: string;
  /** The proxy and the certificates, which apply to downloads as well. */
  readonly connections: Connections;
  /**
   * Requests JSON; the key is removed from the response. Network failures and server errors are retried, because requests are read-only.
   *
   * @param path - below the base URL: `/videos/popular`
   * @param options.attempts - maximum number of attempts; default 4
   * @throws PipelineError `PEXELS_UNAUTHORIZED`, `PEXELS_RATE_LIMITED`, `PEXELS_VIDEO_NOT_FOUND`, `PEXELS_REQUEST_REFUSED`,
   * `PEXELS_UNREACHABLE`, `PEXELS_RESPONSE_INVALID`, `ABORTED`
   */
  get(
    path: string,
    query: Readonly<Record<string, string | number | undefined>>,
    signal: AbortSignal,
    options?: { readonly attempts?: number },
  ): Promise<unknown>;
  /** The quota of the key according to the last response. */
  rateLimit(): RateLimit;
}

/**
 * Creates a client for the video API of Pexels.
 *
 * @throws PipelineError `PEXELS_KEY_MISSING`; `INPUT_INVALID` for an invalid base URL
 */
export function createPexelsClient(options: {
  readonly apiKey: string;
  /** `https://api.pexels.com`, or a local emulator. */
  readonly apiUrl: string;
  readonly connections?: Connections;
  readonly clock?: Clock;
}): PexelsClient {
  const { connections = new Connections(), clock = systemClock } = options;
  const apiUrl = validateApiUrl(options.apiUrl);
  const apiKey = validateApiKey(options.apiKey);
  const { clean, scrub } = secretText(apiKey);
  // Responses to refused requests have no rate limit headers, so the last known limit is kept.
  let lastRateLimit: RateLimit = {};

  async function requestJson(url: URL, signal: AbortSignal): Promise<unknown> {
    const headers = { authorization: apiKey, accept: "application/json", "user-agent": USER_AGENT };
    countRequest("pexels");
    // Redirects are not followed, so that the key is sent only to the server of the base URL.
    const response = await connections.fetch(url, { headers, redirect: "manual", signal });
    lastRateLimit = { ...lastRateLimit, ...readRateLimit(response.headers) };
    const body = await boundedText(response, MAX_BYTES);
    if (!response.ok) {
      const { status, headers: received } = response;
      throw refusedError(url, { status, headers: received, body: clean(body ?? "") }, lastRateLimit);
    }
    return parseJson(url, response.headers, body === undefined ? undefined : scrub(body));
  }

  async function getOnce(url: URL, signal: AbortSignal): Promise<unknown> {
    const work = (limited: AbortSignal): Promise<unknown> => requestJson(url, limited);
    try {
      return await withinLimit({ work, limitMs: REQUEST_LIMIT_MS, signal, clock });
    } catch (error) {
      throw signal.aborted
        ? abortedError(signal.reason)
        : error instanceof PipelineError
          ? error
          : unreachable(url, cleanCause(error, clean), error);
    }
  }

  return {
    apiUrl,
    connections,
    rateLimit: () => lastRateLimit,
    get: (path, query, signal, { attempts = 4 } = {}) => {
      const url = urlOf(apiUrl + path, query);
      return retry({ work: () => getOnce(url, signal), attempts, signal, clock });
    },
  };
}

function validateApiKey(text: string): string {
  const apiKey = text.trim();
  if (apiKey === "") {
    throw new PipelineError(
      "PEXELS_KEY_MISSING",
      "No Pexels API key is set. Enter it in the Pexels account node, or set PEXELS_API_KEY.",
    );
  }
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new PipelineError(
      "PEXELS_UNAUTHORIZED",
      "The Pexels API key contains characters that are not allowed in keys. Copy it again.",
    );
  }
  return apiKey;
}

function urlOf(address: string, query: Readonly<Record<string, string | number | undefined>>): URL {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) {
      url.searchParams.set(name, String(value));
    }
  }
  return url;
}

function validateApiUrl(text: string): string {
  const url = URL.parse(text.trim());
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new PipelineError(
      "INPUT_INVALID",
      "The server URL of the Pexels account is not an http or https URL. Leave it blank to use Pexels itself.",
    );
  }
  return `${url.origin}${url.pathname}`.replace(/(?<!\/)\/+$/, "");
}

function parseJson(url: URL, headers: Headers, body: string | undefined): unknown {
  const invalid = (what: string) =>
    new PipelineError(
      "PEXELS_RESPONSE_INVALID",
      `${url.host} responded ${what}. Check the server URL of the Pexels account.`,
      { details: { path: url.pathname } },
    );
  if (body === undefined) {
    throw invalid(`with more than ${MAX_BYTES / 2 ** 20} MiB, which were not read`);
  }
  try {
    return JSON.parse(body);
  } catch {
    // The error of the parser quotes the response, so it is not the cause.
    throw invalid(
      isWebPage(headers.get("content-type"), body)
        ? `with ${describeWebPage(headers, body)}, possibly the login page of a network`
        : "with something that is not JSON",
    );
  }
}

function unreachable(url: URL, cause: Error, thrown: unknown): PipelineError {
  const text = "code" in cause ? String(cause.code) : cause.message;
  const fault = explainConnection(thrown, url.host);
  if (fault !== undefined) {
    return new PipelineError("PEXELS_UNREACHABLE", `${url.host} was not reached: ${fault.explanation}`, {
      retryable: !fault.isPermanent,
      details: { path: url.pathname },
      cause,
    });
  }
  return new PipelineError(
    "PEXELS_UNREACHABLE",
    `${url.host} did not respond (${text}). Check the network, and the server URL of the Pexels account.`,
    { retryable: true, details: { path: url.pathname }, cause },
  );
}
