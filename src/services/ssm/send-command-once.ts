import type { SendCommandCommand, SendCommandCommandOutput, SSMClient } from "@aws-sdk/client-ssm";
import { type AwsErrorFacts, readAwsError } from "../aws/errors/aws-error-facts.ts";

/** A command was sent, but it is not known whether AWS has accepted it: the connection broke, or the answer is a server error. */
export class UncertainSendError extends Error {
  override readonly name = "UncertainSendError";
  /** Not as `cause`, in which the SDK also looks for retryable errors. */
  readonly original: unknown;

  constructor(original: unknown) {
    super("It is not known whether AWS has accepted the command.");
    this.original = original;
  }
}

/** Codes of connections that were never established, so that nothing was sent. */
const NEVER_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/**
 * Sends a command at most once. SendCommand has no idempotency token, and the SDK sends it again after broken connections and 5xx
 * answers, which would start the script twice. A client's `maxAttempts` can't be changed for one call; instead an attempt with an unknown
 * result ends with an error that the SDK does not retry. A command that AWS has refused or never received is retried as usual.
 *
 * The signal has an effect only before the command is sent (credentials, delays between attempts): a later abort would leave a command
 * whose id is lost. After that, the client's own time limits end it.
 *
 * @throws {@link UncertainSendError}, or the error of the SDK if the command was certainly not accepted
 */
export async function sendCommandOnce(
  ssm: SSMClient,
  command: SendCommandCommand,
  signal: AbortSignal,
): Promise<SendCommandCommandOutput> {
  const cut = new AbortController();
  let isSent = false;
  const onAbort = (): void => {
    if (!isSent) {
      cut.abort(signal.reason);
    }
  };
  command.middlewareStack.add(
    (next) => async (args) => {
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
    },
    // Inside the SDK's retry loop, around the reading of the answer.
    { name: "sendCommandOnce", step: "finalizeRequest", priority: "low", override: true },
  );
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await ssm.send(command, { abortSignal: cut.signal });
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** A 4xx is a refusal by AWS or a proxy, including throttling. */
function mayBeAccepted({ httpStatus, systemCode }: AwsErrorFacts): boolean {
  const isRefused = httpStatus !== undefined && httpStatus >= 400 && httpStatus < 500;
  return !isRefused && !(systemCode !== undefined && NEVER_CONNECTED.has(systemCode));
}
