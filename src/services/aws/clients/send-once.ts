import { type AwsErrorFacts, readAwsError } from "../errors/aws-error-facts.ts";
import { addMiddleware, type Middleware } from "./sdk-middleware.ts";

/** A request was sent, but it is not known whether AWS has accepted it: the connection broke, or the response is a server error. */
export class UncertainSendError extends Error {
  override readonly name = "UncertainSendError";
  /** Not as `cause`, in which the SDK also looks for retryable errors. */
  readonly original: unknown;

  constructor(original: unknown) {
    super("It is not known whether AWS has accepted the request.");
    this.original = original;
  }
}

/** Codes of connections that were never established, so that nothing was sent. */
const NEVER_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/** The part of an SDK command that adds a middleware inside of the SDK's retry loop. */
interface SdkCommand {
  readonly middlewareStack: object;
}

/**
 * Sends a request at most once that has no idempotency token, such as SendCommand and SubmitJob. The SDK sends it again after broken
 * connections and 5xx responses, which would start the work twice. A client's `maxAttempts` can't be changed for one call; instead an attempt
 * with an unknown result ends with an error that the SDK does not retry. A request that AWS has refused or never received is retried as usual.
 *
 * The signal has an effect only before the request is sent (credentials, delays between attempts): a later abort would leave work whose id
 * is lost. After that, the client's own time limits end it.
 *
 * @param send - sends the command with the given signal
 * @throws {@link UncertainSendError}, or the error of the SDK if the request was certainly not accepted
 */
export async function sendOnce<C extends SdkCommand, T>(
  command: C,
  signal: AbortSignal,
  send: (command: C, options: { readonly abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const cut = new AbortController();
  let isSent = false;
  const onAbort = (): void => {
    if (!isSent) {
      cut.abort(signal.reason);
    }
  };
  const once: Middleware = (next) => async (args) => {
    if (signal.aborted) {
      throw Object.assign(new Error("Request aborted", { cause: signal.reason }), { name: "AbortError" });
    }
    isSent = true;
    try {
      return await next(args);
    } catch (error) {
      if (mayBeAccepted(readAwsError(error))) {
        throw new UncertainSendError(error);
      }
      isSent = false;
      throw error;
    }
  };
  // Inside the SDK's retry loop, around the reading of the response.
  addMiddleware(command, { name: "sendOnce", step: "finalizeRequest", priority: "low", override: true }, once);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await send(command, { abortSignal: cut.signal });
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** A 4xx is a refusal by AWS or a proxy, including throttling. */
function mayBeAccepted({ httpStatus, systemCode }: AwsErrorFacts): boolean {
  const isRefused = httpStatus !== undefined && httpStatus >= 400 && httpStatus < 500;
  return !isRefused && !(systemCode !== undefined && NEVER_CONNECTED.has(systemCode));
}
