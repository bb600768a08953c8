import type { Clock } from "../../polling/clock.ts";
import { type PollResult, pollUntil } from "../../polling/poll-until.ts";

/** Times in milliseconds. */
export interface RenewWhileNeededOptions {
  /** How long what is renewed lasts; it was made just now. */
  readonly lastsMs: number;
  /** Returns the pause before the next renewal, less than `lastsMs`. */
  readonly pauseMs: () => number;
  /** Whether it is still needed. */
  readonly isNeeded: () => boolean;
  readonly renew: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * Renews something that lasts for a while, as long as it is needed. What is not needed is not renewed, but watched until it has run
 * out: it may be needed again before.
 *
 * @returns resolves when it has run out, or at the signal; rejects only with what `renew` rejects with
 */
export async function renewWhileNeeded(options: RenewWhileNeededOptions): Promise<void> {
  const { lastsMs, pauseMs, isNeeded, renew, signal, clock } = options;
  let renewedAt = clock.now();
  let isFresh = true;
  const check = async (): Promise<PollResult<undefined>> => {
    if (isFresh) {
      isFresh = false;
    } else if (isNeeded()) {
      renewedAt = clock.now();
      await renew();
    } else if (clock.now() - renewedAt >= lastsMs) {
      return { done: undefined };
    }
    return { wait: "renewed" };
  };
  try {
    await pollUntil({
      goal: "an end",
      check,
      delay: pauseMs,
      timeoutMs: Number.POSITIVE_INFINITY,
      finishChecks: true,
      signal,
      clock,
    });
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
}
