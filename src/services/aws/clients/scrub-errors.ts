import { secretText } from "../../secret-text.ts";
import { signedWith } from "../credentials/refresh-credentials.ts";
import type { MiddlewareClient } from "./sdk-middleware.ts";

/**
 * Takes the session token, which goes along with each request, out of the texts of a client's errors: an S3-compatible server may
 * repeat what it was sent. The secret key is no part of a request, so that no server knows it.
 *
 * @returns the client itself
 */
export function scrubErrors<T extends MiddlewareClient>(client: T): T {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        scrub(error, signedWith(context)?.sessionToken ?? "");
        throw error;
      }
    },
    { name: "scrubErrors", step: "initialize", priority: "high" },
  );
  return client;
}

/** The message and what the SDK has read out of the answer beside it: its type, code and resource. */
function scrub(error: unknown, sessionToken: string): void {
  if (!(error instanceof Error) || sessionToken === "") {
    return;
  }
  const { scrub: cleaned } = secretText(sessionToken);
  for (const [name, value] of [...Object.entries(error), ["message", error.message], ["stack", error.stack]] as const) {
    if (typeof value === "string" && cleaned(value) !== value) {
      Reflect.set(error, name, cleaned(value));
    }
  }
}
