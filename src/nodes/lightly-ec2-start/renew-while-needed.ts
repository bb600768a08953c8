import type { Clock } from "../../polling/clock.ts";
import { type PollResult, pollUntil } from "../../polling/poll-until.ts";

/** Times in milliseconds. */
export interface RenewWhileNeededOptions {
  /** How long a renewal is valid. The first one has just been made. */
  readonly lastsMs: number;
  /** Returns the pause before the next renewal, less than `lastsMs`. */
  readonly pauseMs: () => number;
  /** Whether a renewal is still needed. */
  readonly isNeeded: () => boolean;
  readonly renew: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * Renews something that expires, as long as it is needed. If it is not needed, it is not renewed, but watched until it expires, because it
 * may be needed again before.
 *
 * @returns resolves when it has expired, or at the signal; rejects only if `renew` rejects
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
