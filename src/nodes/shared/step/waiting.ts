import { type DelayPolicy, eagerDelay } from "../../../polling/delay.ts";
import type { StepContext } from "./step-context.ts";

/** The minimum interval between requests of all runs. With many active runs, each run polls less often. */
const MIN_INTERVAL_OF_ALL_MS = 40;
const FEW_RUNS = 50;

/** Delays up to `pollMs`: shorter at the start, and longer with many active runs, so that no service gets too many requests. */
export function pollDelay(context: StepContext, pollMs: number): DelayPolicy {
  const usual = eagerDelay(pollMs);
  return (attempt) => {
    const runs = context.activeRuns;
    return runs > FEW_RUNS ? Math.max(pollMs, runs * MIN_INTERVAL_OF_ALL_MS) : usual(attempt);
  };
}
