import { setTimeout as sleep } from "node:timers/promises";
import { type HttpResponse, httpRequest } from "../http-request.ts";

/** An error response of the API. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * One request to Lightly's API. Requests that are not answered, 429 and 5xx are retried a few times; a POST only if it
 * was certainly not processed: after 429 and 503.
 *
 * @param path - with `/v1` and its parameters already encoded
 * @returns the decoded response; `undefined` for an empty one
 * @throws ApiError whose message names the request without its query, since that contains the token
 */
export type LightlyApi = <T>(method: "GET" | "POST" | "PUT", path: string, more?: RequestParts) => Promise<T>;

interface RequestParts {
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** Replaces the client's own signal. */
  readonly signal?: AbortSignal;
}

/** Distinguishes requests of a worker from requests of a pipeline. */
export const WORKER_USER_AGENT = "sandbox-worker";

const RETRY_DELAYS_MS = [200, 1000, 3000];
const TIMEOUT_MS = 60_000;

export function createLightlyApi(options: {
  readonly server: string;
  readonly token: string;
  readonly signal: AbortSignal;
  /** The time limit of a response; default a minute. */
  readonly timeoutMs?: number;
}): LightlyApi {
  const { timeoutMs = TIMEOUT_MS } = options;
  return async <T>(method: string, path: string, { query = {}, body, signal = options.signal }: RequestParts = {}) => {
    const parameters = new URLSearchParams({
      ...Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)])),
      token: options.token,
    });
    const request = {
      method,
      headers: {
        accept: "application/json",
        "user-agent": WORKER_USER_AGENT,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    };
    for (let attempt = 0; ; attempt += 1) {
      const delay = RETRY_DELAYS_MS[attempt];
      const response = await httpRequest(`${options.server}${path}?${parameters}`, {
        ...request,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      }).catch((error: unknown) => {
        signal.throwIfAborted();
        if (delay === undefined || method === "POST") {
          throw new ApiError(0, `${method} ${path}: ${options.server} is not reachable (${causeOf(error)}).`);
        }
      });
      if (response && response.status < 300) {
        return decode(response) as T;
      }
      if (response !== undefined && (delay === undefined || !isWorthRetrying(method, response.status))) {
        throw new ApiError(response.status, `${method} ${path} was answered ${response.status}: ${reasonOf(response)}`);
      }
      await sleep(delay, undefined, { signal });
    }
  };
}

function isWorthRetrying(method: string, status: number): boolean {
  return status === 429 || status === 503 || (status >= 500 && method !== "POST");
}

/** Bodies are not always JSON. */
function decode({ text }: HttpResponse): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

function reasonOf(response: HttpResponse): string {
  const body = decode(response);
  const { error } = (typeof body === "object" && body !== null ? body : {}) as { error?: unknown };
  return typeof error === "string" ? error : response.statusText;
}

function causeOf(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
}
