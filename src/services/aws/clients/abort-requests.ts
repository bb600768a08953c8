import { systemClock } from "../../../polling/clock.ts";
import { withinLimit } from "../../../polling/within-limit.ts";
import type { MiddlewareClient } from "./sdk-middleware.ts";

/**
 * Has the `abortSignal` of a request end it at once, whatever it is doing. The SDK looks at the signal only on the connection and
 * between tries, and not while it resolves credentials, the region or the endpoint.
 *
 * @returns the client itself
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

/** The SDK notes there with which options a request was sent. */
function signalOf(context: object): AbortSignal | undefined {
  const { __smithy_context: notes } = context as { __smithy_context?: { abortSignal?: AbortSignal } };
  return notes?.abortSignal;
}

/** As the SDK's own. */
function abortError(reason: unknown): Error {
  return Object.assign(new Error("Request aborted", { cause: reason }), { name: "AbortError" });
}
