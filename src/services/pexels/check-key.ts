import type { PexelsClient } from "./pexels-client.ts";
import type { RateLimit } from "./rate-limit.ts";

/**
 * Requests one video, to check whether the key is accepted. It is sent once, and counts as one request of the key's quota.
 *
 * @returns the rest of the quota, as far as Pexels reports it
 * @throws PipelineError `PEXELS_UNAUTHORIZED`, `PEXELS_RATE_LIMITED`, `PEXELS_UNREACHABLE` and the others of {@link PexelsClient}
 */
export async function checkPexelsKey(client: PexelsClient, signal: AbortSignal): Promise<RateLimit> {
  await client.get("/videos/popular", { per_page: 1 }, signal, { attempts: 1 });
  return client.rateLimit();
}
