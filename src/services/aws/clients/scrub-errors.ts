import { secretText } from "../../secret-text.ts";
import { signedWith } from "../credentials/refresh-credentials.ts";
import type { MiddlewareClient } from "./sdk-middleware.ts";

/**
 * Removes the session token, which is part of each request, from the errors of a client: an S3-compatible server may repeat the
 * request. The secret key is not part of requests, so no server knows it.
 *
 * @returns the same client
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

/** Cleans the message and the strings that the SDK has read from the response, such as code and resource. */
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
