import { setTimeout as sleep } from "node:timers/promises";

const RETRY_DELAYS_MS = [200, 1000, 3000];

/**
 * Reads from or writes to a signed URL. Broken connections, 429 and 5xx are retried a few times.
 *
 * @param what - prefix of the error message; the URL itself never appears in it
 */
export async function fetchSigned(
  url: string,
  what: string,
  init: RequestInit & { signal: AbortSignal },
): Promise<Response> {
  for (let attempt = 0; ; attempt += 1) {
    const delay = RETRY_DELAYS_MS[attempt];
    const response = await fetch(url, init).catch((error: unknown) => {
      init.signal.throwIfAborted();
      if (delay === undefined) {
        throw new Error(
          `${what}: the storage is not reachable (${error instanceof Error ? error.message : String(error)}).`,
        );
      }
    });
    if (response?.ok) {
      return response;
    }
    await response?.body?.cancel();
    if (delay === undefined || (response !== undefined && response.status !== 429 && response.status < 500)) {
      throw new Error(`${what}: the storage answered ${response?.status}.`);
    }
    await sleep(delay, undefined, { signal: init.signal });
  }
}
