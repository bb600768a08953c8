import { type CountedService, countRequest } from "../../request-counts.ts";
import type { Middleware, MiddlewareClient } from "./sdk-middleware.ts";

/**
 * Counts each request of a client, retries included.
 *
 * @returns the same client
 */
export function countRequests<T extends MiddlewareClient>(client: T, service: CountedService): T {
  const stack = client.middlewareStack as unknown as {
    add(middleware: Middleware, options: { name: string; step: "finalizeRequest"; priority: "low" }): void;
  };
  stack.add(
    (next) => async (args) => {
      countRequest(service);
      return await next(args);
    },
    { name: "countRequests", step: "finalizeRequest", priority: "low" },
  );
  return client;
}
