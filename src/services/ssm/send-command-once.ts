import type { SendCommandCommand, SendCommandCommandOutput, SSMClient } from "@aws-sdk/client-ssm";
import { type AwsErrorFacts, readAwsError } from "../aws/errors/aws-error-facts.ts";

/** A command was sent, and nobody knows whether AWS took it: the connection broke, or the answer is a failure of the server. */
export class UncertainSendError extends Error {
  override readonly name = "UncertainSendError";
  /** Not as `cause`: the SDK looks for what it may retry there too. */
  readonly original: unknown;

  constructor(original: unknown) {
    super("It is not known whether AWS has taken the command.");
    this.original = original;
  }
}

/** Connections that were never made, so that nothing was sent over them. */
const NEVER_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/**
 * Sends a command at most once. SendCommand has no idempotency token, and the SDK sends it again after broken connections and 5xx
 * answers, which would start the script twice. A client's `maxAttempts` can't be changed for one call; instead each attempt whose
 * fate is unknown ends in an error that the SDK does not retry. What AWS has refused, or never got, is retried as ever.
 *
 * The signal ends it only as long as nothing is on its way (credentials, pauses between tries): interrupted later, it would leave a
 * command whose id is lost. The client's own time limits end it then.
 *
 * @throws {@link UncertainSendError}, or what the SDK threw when the command was certainly not taken
 */
export async function sendCommandOnce(
  ssm: SSMClient,
  command: SendCommandCommand,
  signal: AbortSignal,
): Promise<SendCommandCommandOutput> {
  const cut = new AbortController();
  let isOnItsWay = false;
  const onAbort = (): void => {
    if (!isOnItsWay) {
      cut.abort(signal.reason);
    }
  };
  command.middlewareStack.add(
    (next) => async (args) => {
      if (signal.aborted) {
        throw Object.assign(new Error("Request aborted", { cause: signal.reason }), { name: "AbortError" });
      }
      isOnItsWay = true;
      try {
        return await next(args);
      } catch (error) {
        if (wasTaken(readAwsError(error)) === "perhaps") {
          throw new UncertainSendError(error);
        }
        isOnItsWay = false;
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

/** A 4xx is AWS's (or a proxy's) refusal, throttling included. */
function wasTaken({ httpStatus, systemCode }: AwsErrorFacts): "no" | "perhaps" {
  const isRefused = httpStatus !== undefined && httpStatus >= 400 && httpStatus < 500;
  return isRefused || (systemCode !== undefined && NEVER_CONNECTED.has(systemCode)) ? "no" : "perhaps";
}
