import { addToAttempts, type MiddlewareClient } from "./sdk-middleware.ts";

const hosts = new WeakMap<Error, string>();

/**
 * Records the host of each failed request, because errors of connections do not contain it. For S3, it depends on the bucket.
 *
 * @returns the same client
 */
export function noteHost<T extends MiddlewareClient>(client: T): T {
  addToAttempts(client, "noteHost", (next) => async (args) => {
    try {
      return await next(args);
    } catch (error) {
      const { hostname = "", port } = (args.request ?? {}) as { hostname?: string; port?: number };
      if (error instanceof Error && hostname !== "") {
        hosts.set(error, port === undefined ? hostname : `${hostname}:${port}`);
      }
      throw error;
    }
  });
  return client;
}

/** Returns the host of the failed request, if it is known. */
export function hostOf(error: unknown): string | undefined {
  return error instanceof Error ? hosts.get(error) : undefined;
}
