import { Semaphore } from "../../../concurrency/semaphore.ts";
import { abortedError, PipelineError } from "../../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../../polling/clock.ts";
import { growingDelay } from "../../../polling/delay.ts";
import { sleepOrAbort } from "../../../polling/sleep-or-abort.ts";
import { type Cleaner, secretText } from "../../secret-text.ts";
import { withAbortGrace } from "./abort-grace.ts";
import { responseError } from "./lightly-error.ts";
import { type LightlyAnswer, type LightlyRequest, sendRequest } from "./send-request.ts";

/** Lightly's own server. */
export const LIGHTLY_PUBLIC_SERVER = "https://api.lightly.ai";
/** The shortest interval at which {@link LIGHTLY_PUBLIC_SERVER} may be polled, in milliseconds: it limits the rate of requests. */
export const PUBLIC_POLL_MS = 30_000;

/** How often one request is sent at most; 1 + 2 + 4 + 8 s lie between five attempts. */
const MAX_ATTEMPTS = 5;
const backOff = growingDelay({ firstMs: 1000, limitMs: 16_000, jitter: 0.2 });
/** As Lightly's own client waits after a 429 that does not say how long. */
const RATE_LIMIT_PAUSE_MS = 10_000;
/** A step that would have to sit still for longer says so instead. */
const MAX_PAUSE_MS = 300_000;

/** A request and how it may be repeated. */
export interface LightlyCall extends LightlyRequest {
  /** 1 for callers that poll anyway; default five. */
  readonly attempts?: number;
  /**
   * Whether doing it twice does no harm. Default: yes for GET and PUT, no for POST. What was never sent, and what was refused
   * because of the request rate, is sent again in any case.
   */
  readonly repeatable?: boolean;
  /** How long an attempt that is under way may go on after an abort, in milliseconds; default 0. Its answer then counts. */
  readonly graceMs?: number;
}

/** Lightly's API at one server with one token, which nothing can read out of it again. */
export interface LightlyClient {
  /** Base address without a slash at its end. */
  readonly server: string;
  readonly clock: Clock;
  /** Takes the token, and what looks like a secret, out of a text of the server. */
  readonly clean: Cleaner;
  /**
   * Sends one request with the token as its last query parameter.
   *
   * @returns the answer, of status 200 to a GET, 201 to a POST, 2xx to a PUT
   * @throws PipelineError `LIGHTLY_UNAUTHORIZED`, `LIGHTLY_ACCESS_DENIED`, `LIGHTLY_DATASET_NOT_FOUND`, `LIGHTLY_REQUEST_REFUSED`,
   *   `LIGHTLY_RATE_LIMITED`, `LIGHTLY_SERVICE_FAILED`, `LIGHTLY_UNREACHABLE`, `LIGHTLY_RESPONSE_INVALID` or `ABORTED`;
   *   `details.delivery` says whether Lightly may have acted on it ("not-sent", "refused", "unknown")
   */
  request(call: LightlyCall): Promise<LightlyAnswer>;
}

/**
 * @param o.server - absolute http(s) address; a path prefix, blanks around it and slashes at its end are fine
 * @param o.requestTimeoutMs - limit of one attempt; default 60 s
 * @throws PipelineError `LIGHTLY_TOKEN_MISSING`, or `INPUT_INVALID` for the server address
 */
export function createLightlyClient(o: {
  token: string;
  server: string;
  fetch?: typeof fetch;
  clock?: Clock;
  requestTimeoutMs?: number;
}): LightlyClient {
  const { fetch: send = fetch, clock = systemClock, requestTimeoutMs = 60_000 } = o;
  const token = o.token.trim();
  if (token === "") {
    throw new PipelineError(
      "LIGHTLY_TOKEN_MISSING",
      "No Lightly API token is set. Set it in the Lightly account or as LIGHTLY_TOKEN.",
    );
  }
  const server = parseServer(o.server);
  const secret = secretText(token);
  const slots = new Semaphore(REQUESTS_AT_ONCE);
  const once = (call: LightlyCall): Promise<LightlyAnswer> =>
    slots.run(() => sendRequest(call, { server, token, secret, fetch: send, limitMs: requestTimeoutMs }));
  return { server, clock, clean: secret.clean, request: (call) => repeated(call, once, clock) };
}

/** Each request in flight has a connection of its own: a thousand runs that look at once would be a thousand connections. */
const REQUESTS_AT_ONCE = 32;

function parseServer(given: string): string {
  const url = URL.parse(given.trim());
  const isPlain = url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    throw new PipelineError(
      "INPUT_INVALID",
      `The server address of the Lightly account is not one: it must look like ${LIGHTLY_PUBLIC_SERVER}, without user, password and query.`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/(?<!\/)\/+$/, "");
}

async function repeated(
  call: LightlyCall,
  once: (call: LightlyCall) => Promise<LightlyAnswer>,
  clock: Clock,
): Promise<LightlyAnswer> {
  const { signal, attempts = MAX_ATTEMPTS, graceMs = 0 } = call;
  for (let attempt = 1; ; attempt += 1) {
    try {
      signal.throwIfAborted();
      const send = (until: AbortSignal): Promise<LightlyAnswer> => once({ ...call, signal: until });
      return accepted(await withAbortGrace({ signal, graceMs, clock }, send), call);
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

/** Lightly's own client decodes creations on 201 and reads on 200 only, so anything else is not Lightly speaking. */
function accepted(answer: LightlyAnswer, { method }: LightlyCall): LightlyAnswer {
  const promised = { GET: "200", POST: "201", PUT: "a status from 200 to 299" }[method];
  if (method === "PUT" ? answer.status < 200 || answer.status > 299 : String(answer.status) !== promised) {
    throw responseError(answer.endpoint, `has status ${answer.status} where ${promised} is promised`);
  }
  return answer;
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

/** How long Lightly wants to be left alone after this error, in milliseconds. */
export function minPauseMs({ code, details }: PipelineError): number {
  const toldMs = typeof details.retryAfterMs === "number" ? details.retryAfterMs : 0;
  return code === "LIGHTLY_RATE_LIMITED" ? Math.max(RATE_LIMIT_PAUSE_MS, toldMs) : toldMs;
}
