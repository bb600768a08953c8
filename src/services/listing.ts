import { PipelineError } from "../errors/pipeline-error.ts";

/** The first part of a list that somebody chooses from. */
export interface Listing<T> {
  readonly items: readonly T[];
  /** Whether there are more than these. */
  readonly more: boolean;
}

/** So many items are offered to choose from; who has more types the name in. */
export const LISTED_AT_MOST = 500;

/** The first {@link LISTED_AT_MOST} of `all`; `more` says that even `all` is not everything. */
export function listing<T>(all: readonly T[], more = false): Listing<T> {
  return { items: all.slice(0, LISTED_AT_MOST), more: more || all.length > LISTED_AT_MOST };
}

/**
 * Does `work`, which somebody waits for in front of a screen: when it has not ended by the limit, it is given up.
 *
 * @param what - completes "... did not answer within 10 s"
 * @throws PipelineError `TIMED_OUT` at the limit, or what `work` throws before
 */
export async function withinSeconds<T>(
  seconds: number,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new PipelineError(
          "TIMED_OUT",
          `${what} did not answer within ${seconds} s. Check the network, and the region or address in the account.`,
          { retryable: true, details: { seconds } },
        ),
      );
      limit.abort();
    }, seconds * 1000);
  });
  try {
    // Where credentials are looked for can't be aborted: then the work goes on unheard, and ends by limits of its own.
    return await Promise.race([work(limit.signal), late]);
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}
