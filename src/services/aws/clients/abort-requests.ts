import { systemClock } from "../../../polling/clock.ts";
import { withinLimit } from "../../../polling/within-limit.ts";
import type { MiddlewareClient } from "./sdk-middleware.ts";

/**
 * Makes the `abortSignal` of a request end it at once. The SDK itself checks the signal only on the connection and between attempts, not
 * while it resolves credentials, the region or the endpoint.
 *
 * @returns the same client
 */
export function abortImmediately<T extends MiddlewareClient>(client: T): T {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const signal = signalOf(context);
      if (!signal) {
        return await next(args);
      }
      try {
        return await withinLimit({
          work: () => next(args),
          limitMs: Number.POSITIVE_INFINITY,
          signal,
          clock: systemClock,
        });
      } catch (error) {
        throw signal.aborted ? abortError(signal.reason) : error;
      }
    },
    { name: "abortImmediately", step: "initialize", priority: "high" },
  );
  return client;
}

/** The SDK keeps the options of a request in this context. */
function signalOf(context: object): AbortSignal | undefined {
  const { __smithy_context: smithy } = context as { __smithy_context?: { abortSignal?: AbortSignal } };
  return smithy?.abortSignal;
}

/** The same error as the SDK throws. */
function abortError(reason: unknown): Error {
  return Object.assign(new Error("Request aborted", { cause: reason }), { name: "AbortError" });
}
