import { AsyncLocalStorage } from "node:async_hooks";

/** The services whose requests are counted. */
export type CountedService = "s3" | "ec2" | "ssm" | "batch" | "logs" | "lightly" | "pexels";

const counting = new AsyncLocalStorage<(service: CountedService) => void>();

/**
 * Calls `count` for each request that the work sends, retries included. A request that several works share (see `SharedRequests`) counts
 * for one of them.
 */
export function countingRequests<T>(count: (service: CountedService) => void, work: () => Promise<T>): Promise<T> {
  return counting.run(count, work);
}

/** Call it for each request to a service. Without {@link countingRequests} it has no effect. */
export function countRequest(service: CountedService): void {
  counting.getStore()?.(service);
}
