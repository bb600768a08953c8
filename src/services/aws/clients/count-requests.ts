import { type CountedService, countRequest } from "../../request-counts.ts";
import { addToAttempts, type MiddlewareClient } from "./sdk-middleware.ts";

/**
 * Counts each request of a client, retries included.
 *
 * @returns the same client
 */
export function countRequests<T extends MiddlewareClient>(client: T, service: CountedService): T {
  addToAttempts(client, "countRequests", (next) => async (args) => {
    countRequest(service);
    return await next(args);
  });
  return client;
}
