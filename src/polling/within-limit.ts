import type { Clock } from "./clock.ts";
import { formatDuration } from "./format-duration.ts";

export interface WithinLimitOptions<T> {
  /** Its signal is aborted at the limit, and when `signal` is. */
  readonly work: (signal: AbortSignal) => Promise<T>;
  /** Time limit in milliseconds; `Infinity` for no limit. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock: Clock;
}

/** The time limit of the single request of a step with a time limit of 0, in milliseconds. */
export const SINGLE_REQUEST_LIMIT_MS = 10_000;

/** The work did not end within its limit. */
export class LimitReached extends Error {
  override readonly name = "LimitReached";
  readonly limitMs: number;

  constructor(limitMs: number) {
    super(`no response within ${formatDuration(limitMs)}`);
    this.limitMs = limitMs;
  }
}

/**
 * Waits for work up to a time limit. The limit and the abort end the wait even if the work ignores its signal, as the AWS SDK does while
 * it resolves credentials.
 *
 * @returns the result of the work
 * @throws {@link LimitReached}, the signal's reason, or the error of the work
 */
export async function withinLimit<T>({ work, limitMs, signal, clock }: WithinLimitOptions<T>): Promise<T> {
  signal?.throwIfAborted();
  const cut = new AbortController();
  let release = (): void => undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      const end = (reason: unknown): void => {
        // Before the abort, so that this error comes before the work's reaction to the abort.
        reject(reason);
        cut.abort(reason);
      };
      const onAbort = (): void => end(signal?.reason);
      const cancelAlarm = clock.alarm(limitMs, () => end(new LimitReached(limitMs)));
      signal?.addEventListener("abort", onAbort, { once: true });
      release = (): void => {
        cancelAlarm();
        signal?.removeEventListener("abort", onAbort);
      };
      work(cut.signal).then(resolve, reject);
    });
  } finally {
    release();
  }
}
