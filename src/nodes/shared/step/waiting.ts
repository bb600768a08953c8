import { type DelayPolicy, eagerDelay } from "../../../polling/delay.ts";
import type { StepContext } from "./step-context.ts";

/** The minimum interval between requests of all runs. With many active runs, each run polls less often. */
const MIN_INTERVAL_OF_ALL_MS = 40;
const FEW_RUNS = 50;

/** The poll interval while an instance costs money, unless the form has another one. */
export const PAID_POLL_MS = 1000;
/** The same minimum interval for polls every second: all runs together send at most ten requests per second. */
const MIN_PAID_INTERVAL_OF_ALL_MS = 100;

/** Delays up to `pollMs`: shorter at the start, and longer with many active runs, so that no service gets too many requests. */
export function pollDelay(context: StepContext, pollMs: number): DelayPolicy {
  const usual = eagerDelay(pollMs);
  return (attempt) => {
    const runs = context.activeRuns;
    return runs > FEW_RUNS ? Math.max(pollMs, runs * MIN_INTERVAL_OF_ALL_MS) : usual(attempt);
  };
}

/**
 * Delays of a wait during which an instance costs money: up to a second, shorter at the start, and longer with more than ten active runs.
 *
 * @param chosenMs - the poll interval of the form, which is used as it is ({@link pollDelay}); undefined if the form has none
 */
export function paidPollDelay(context: StepContext, chosenMs: number | undefined): DelayPolicy {
  return chosenMs === undefined
    ? (attempt) => eagerDelay(Math.max(PAID_POLL_MS, context.activeRuns * MIN_PAID_INTERVAL_OF_ALL_MS))(attempt)
    : pollDelay(context, chosenMs);
}
