import type { Clock } from "./clock.ts";

/** What {@link withinLimit} takes. */
export interface LimitedWork<T> {
  /** Its signal is aborted at the limit, and when `signal` is. */
  readonly work: (signal: AbortSignal) => Promise<T>;
  /** In milliseconds; `Infinity` for none. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock: Clock;
}

/** The work did not end within its limit. */
export class LimitReached extends Error {
  override readonly name = "LimitReached";
  readonly limitMs: number;

  constructor(limitMs: number) {
    super(`no answer within ${Math.round(limitMs)} ms`);
    this.limitMs = limitMs;
  }
}

/**
 * Does some work for so long and no longer. The limit and the abort do not depend on the work: they end the wait for it even if it
 * ignores its signal, as the AWS SDK does while it resolves credentials.
 *
 * @returns what the work came to
 * @throws {@link LimitReached}, the signal's reason, or what the work threw
 */
export async function withinLimit<T>({ work, limitMs, signal, clock }: LimitedWork<T>): Promise<T> {
  signal?.throwIfAborted();
  const cut = new AbortController();
  let release = (): void => undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      const end = (reason: unknown): void => {
        // Before the abort, so that what the work makes of it comes second.
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
