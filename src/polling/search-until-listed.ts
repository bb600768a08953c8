import type { Clock } from "./clock.ts";
import { growingDelay } from "./delay.ts";
import { sleepOrAbort } from "./sleep-or-abort.ts";

/** Times in milliseconds. */
export interface SearchOptions<T> {
  readonly find: () => Promise<T | undefined>;
  /** When the intent to start the work was recorded, since 1970; nothing was started before. */
  readonly since: number;
  /** How long the service may take to list new work. */
  readonly withinMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const DELAY = growingDelay({ firstMs: 500, limitMs: 4000 });

/**
 * Searches a list for work that may have been started before a crash. Repeats the search until work of that time must be listed, or for
 * that long if the date was set back meanwhile.
 *
 * @returns the work, or `undefined` if none was started
 * @throws PipelineError `ABORTED`, and the errors of `find`
 */
export async function searchUntilListed<T>(options: SearchOptions<T>): Promise<T | undefined> {
  const { find, since, withinMs, clock, signal } = options;
  const startedAt = clock.now();
  for (let attempt = 1; ; attempt += 1) {
    const isLast = Math.max(clock.wallNow() - since, clock.now() - startedAt) >= withinMs;
    const found = await find();
    if (found || isLast) {
      return found;
    }
    await sleepOrAbort(clock, DELAY(attempt), signal);
  }
}
