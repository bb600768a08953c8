import { PipelineError } from "../errors/pipeline-error.ts";
import { systemClock } from "../polling/clock.ts";
import { LimitReached, withinLimit } from "../polling/within-limit.ts";

/** The first items of a list to choose from. */
export interface Listing<T> {
  readonly items: readonly T[];
  /** Whether there are more items. */
  readonly more: boolean;
}

/** Maximum number of items in a list to choose from; other names have to be typed. */
export const MAX_LISTED = 500;

/** Returns the first {@link MAX_LISTED} items of `all`. `more`: `all` is incomplete too. */
export function listing<T>(all: readonly T[], more = false): Listing<T> {
  return { items: all.slice(0, MAX_LISTED), more: more || all.length > MAX_LISTED };
}

/**
 * Runs `work` for a form of the editor, and abandons it at the limit.
 *
 * @param what - the subject of "... did not respond within 10 s"
 * @throws PipelineError `TIMED_OUT` at the limit, or the error of `work`
 */
export async function withinSeconds<T>(
  seconds: number,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withinLimit({ work, limitMs: seconds * 1000, clock: systemClock });
  } catch (error) {
    if (!(error instanceof LimitReached)) {
      throw error;
    }
    throw new PipelineError(
      "TIMED_OUT",
      `${what} did not respond within ${seconds} s. Check the network, and the region or address of the account.`,
      { retryable: true, details: { seconds } },
    );
  }
}
