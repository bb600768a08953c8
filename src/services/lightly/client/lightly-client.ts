import { Semaphore } from "../../../concurrency/semaphore.ts";
import { abortedError, PipelineError } from "../../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../../polling/clock.ts";
import { growingDelay } from "../../../polling/delay.ts";
import { sleepOrAbort } from "../../../polling/sleep-or-abort.ts";
import { Connections } from "../../http/connections/connections.ts";
import { type Cleaner, secretText } from "../../secret-text.ts";
import { withAbortGrace } from "./abort-grace.ts";
import { responseError } from "./lightly-error.ts";
import { type LightlyRequest, type LightlyResponse, sendRequest } from "./send-request.ts";

/** Lightly's own server. */
export const LIGHTLY_PUBLIC_SERVER = "https://api.lightly.ai";
/** The minimum poll interval for {@link LIGHTLY_PUBLIC_SERVER}, which limits the request rate, in milliseconds. */
export const PUBLIC_POLL_MS = 30_000;

/** The maximum number of attempts of one request. The pauses between five attempts are 1, 2, 4 and 8 s. */
const MAX_ATTEMPTS = 5;
const backOff = growingDelay({ firstMs: 1000, limitMs: 16_000, jitter: 0.2 });
/** The pause after a 429 without `Retry-After`, as in Lightly's own client. */
const RATE_LIMIT_PAUSE_MS = 10_000;
/** If Lightly requests a longer pause, the request fails instead. */
const MAX_PAUSE_MS = 300_000;

/** A request, and how it may be retried. */
export interface LightlyCall extends LightlyRequest {
  /** The maximum number of attempts. Default 5; 1 for callers that poll. */
  readonly attempts?: number;
  /**
   * Whether the request is idempotent. Default: true for GET and PUT, false for POST. A request that was never sent, or that was
   * rejected because of the request rate, is always retried.
   */
  readonly repeatable?: boolean;
  /** How long an attempt in flight may continue after an abort, in milliseconds. Its response is then used. Default 0. */
  readonly graceMs?: number;
}

/** Lightly's API at one server with one token. The token can't be read from it. */
export interface LightlyClient {
  /** Base URL without a trailing slash. */
  readonly server: string;
  /** The proxy and the certificates, which apply to files that Lightly refers to as well. */
  readonly connections: Connections;
  readonly clock: Clock;
  /** Removes the token, and what looks like a secret, from a string of the server. */
  readonly clean: Cleaner;
  /**
   * Sends one request with the token as its last query parameter.
   *
   * @returns the response: status 200 for GET, 201 for POST, 2xx for PUT
   * @throws PipelineError `LIGHTLY_UNAUTHORIZED`, `LIGHTLY_ACCESS_DENIED`, `LIGHTLY_DATASET_NOT_FOUND`, `LIGHTLY_REQUEST_REFUSED`,
   *   `LIGHTLY_RATE_LIMITED`, `LIGHTLY_SERVICE_FAILED`, `LIGHTLY_UNREACHABLE`, `LIGHTLY_RESPONSE_INVALID` or `ABORTED`;
   *   `details.delivery` says whether Lightly may have processed the request ("not-sent", "refused", "unknown")
   */
  request(call: LightlyCall): Promise<LightlyResponse>;
}

/**
 * Creates a client of Lightly's API.
 *
 * @param options.server - absolute http(s) URL; a path prefix, surrounding spaces and trailing slashes are allowed
 * @param options.requestTimeoutMs - time limit of one attempt; default 60 s
 * @throws PipelineError `LIGHTLY_TOKEN_MISSING`, or `INPUT_INVALID` for the server URL
 */
export function createLightlyClient(options: {
  token: string;
  server: string;
  /** The proxy and the certificates; default: those of the environment. */
  connections?: Connections;
  fetch?: typeof fetch;
  clock?: Clock;
  requestTimeoutMs?: number;
}): LightlyClient {
  const { connections = new Connections(), clock = systemClock, requestTimeoutMs = 60_000 } = options;
  const { fetch: send = connections.fetch } = options;
  const token = options.token.trim();
  if (token === "") {
    throw new PipelineError(
      "LIGHTLY_TOKEN_MISSING",
      "No Lightly API token is set. Set it in the Lightly account or as LIGHTLY_TOKEN.",
    );
  }
  const server = parseServer(options.server);
  const secret = secretText(token);
  const slots = new Semaphore(MAX_CONCURRENT_REQUESTS);
  const once = (call: LightlyCall): Promise<LightlyResponse> =>
    slots.run(() => sendRequest(call, { server, token, secret, fetch: send, limitMs: requestTimeoutMs }));
  return { server, connections, clock, clean: secret.clean, request: (call) => requestWithRetries(call, once, clock) };
}

/** Each request in flight has its own connection: a thousand runs that poll at the same time would open a thousand connections. */
const MAX_CONCURRENT_REQUESTS = 32;

function parseServer(given: string): string {
  const url = URL.parse(given.trim());
  const isPlain = url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    throw new PipelineError(
      "INPUT_INVALID",
      `The server URL of the Lightly account is not a valid URL: it must look like ${LIGHTLY_PUBLIC_SERVER}, without user, password and query.`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/(?<!\/)\/+$/, "");
}

async function requestWithRetries(
  call: LightlyCall,
  once: (call: LightlyCall) => Promise<LightlyResponse>,
  clock: Clock,
): Promise<LightlyResponse> {
  const { signal, attempts = MAX_ATTEMPTS, graceMs = 0 } = call;
  for (let attempt = 1; ; attempt += 1) {
    try {
      signal.throwIfAborted();
      const send = (until: AbortSignal): Promise<LightlyResponse> => once({ ...call, signal: until });
      return checkStatus(await withAbortGrace({ signal, graceMs, clock }, send), call);
    } catch (error) {
      if (signal.aborted) {
        throw abortedError(signal.reason);
      }
      const pauseMs = error instanceof PipelineError ? pauseAfter(error, attempt) : Number.POSITIVE_INFINITY;
      if (attempt >= attempts || pauseMs > MAX_PAUSE_MS || !mayRepeat(error, call)) {
        throw error;
      }
      await sleepOrAbort(clock, pauseMs, signal);
    }
  }
}

/** Lightly's own client accepts only 201 for POST and 200 for GET, so a response with another status is not from Lightly. */
function checkStatus(response: LightlyResponse, { method }: LightlyCall): LightlyResponse {
  const expected = { GET: "200", POST: "201", PUT: "a status from 200 to 299" }[method];
  if (method === "PUT" ? response.status < 200 || response.status > 299 : String(response.status) !== expected) {
    throw responseError(response.endpoint, `has status ${response.status} instead of ${expected}`);
  }
  return response;
}

function mayRepeat(error: unknown, { method, repeatable = method !== "POST" }: LightlyCall): boolean {
  if (!(error instanceof PipelineError) || !error.retryable) {
    return false;
  }
  return repeatable || error.details.delivery !== "unknown";
}

function pauseAfter(error: PipelineError, attempt: number): number {
  return Math.max(backOff(attempt), minPauseMs(error));
}

/** The minimum pause before the next request after this error, in milliseconds. */
export function minPauseMs({ code, details }: PipelineError): number {
  const requestedMs = typeof details.retryAfterMs === "number" ? details.retryAfterMs : 0;
  return code === "LIGHTLY_RATE_LIMITED" ? Math.max(RATE_LIMIT_PAUSE_MS, requestedMs) : requestedMs;
}
