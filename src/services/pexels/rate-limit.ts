/** The quota of a key as last reported by Pexels; absent where it was not reported. */
export interface RateLimit {
  /** Requests allowed in the period. */
  readonly limit?: number;
  readonly remaining?: number;
  /** The start of the next period, ISO 8601 in UTC. */
  readonly resetAt?: string;
}

/** Reads the quota from the headers of a response (`X-Ratelimit-*`; the reset is a Unix time in seconds). */
export function readRateLimit(headers: Headers): RateLimit {
  const limit = wholeNumber(headers.get("x-ratelimit-limit"));
  const remaining = wholeNumber(headers.get("x-ratelimit-remaining"));
  const reset = wholeNumber(headers.get("x-ratelimit-reset"));
  const resetAt = reset === undefined ? undefined : new Date(reset * 1000);
  return {
    limit,
    remaining,
    ...(resetAt !== undefined && Number.isFinite(resetAt.getTime()) && { resetAt: resetAt.toISOString() }),
  };
}

function wholeNumber(value: string | null): number | undefined {
  return value !== null && /^\d+$/.test(value.trim()) ? Number(value) : undefined;
}
