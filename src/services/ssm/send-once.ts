import type { SendCommandCommand, SendCommandCommandOutput, SSMClient } from "@aws-sdk/client-ssm";
import { type AwsErrorFacts, readAwsError } from "../aws/aws-error-facts.ts";

/** A command was sent, and nobody knows whether AWS took it: the connection broke, or the answer is a failure of the server. */
export class UncertainSend extends Error {
  override readonly name = "UncertainSend";
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
 * The request is not tied to an abort signal: interrupted, it would leave a command that nobody knows the id of. The client's own
 * time limits end it.
 *
 * @throws {@link UncertainSend}, or what the SDK threw when the command was certainly not taken
 */
export async function sendOnce(ssm: SSMClient, command: SendCommandCommand): Promise<SendCommandCommandOutput> {
  command.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw wasTaken(readAwsError(error)) === "no" ? error : new UncertainSend(error);
      }
    },
    // Inside the SDK's retry loop, around the reading of the answer.
    { name: "sendOnce", step: "finalizeRequest", priority: "low", override: true },
  );
  return await ssm.send(command);
}

/** A 4xx is AWS's (or a proxy's) refusal, throttling included. */
function wasTaken({ httpStatus, systemCode }: AwsErrorFacts): "no" | "perhaps" {
  const isRefused = httpStatus !== undefined && httpStatus >= 400 && httpStatus < 500;
  return isRefused || (systemCode !== undefined && NEVER_CONNECTED.has(systemCode)) ? "no" : "perhaps";
}
