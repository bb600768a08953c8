import { type DelayPolicy, eagerDelay } from "../../../polling/delay.ts";
import type { StepContext } from "./step-context.ts";

/** With many active runs, each one polls less often: all together at this interval. */
const MIN_INTERVAL_OF_ALL_MS = 40;
const FEW_RUNS = 50;

/** Pauses up to `pollMs`, shorter at first, and longer with many active runs, so that no service gets too many requests. */
export function pollDelay(context: StepContext, pollMs: number): DelayPolicy {
  const usual = eagerDelay(pollMs);
  return (attempt) => {
    const runs = context.activeRuns;
    return runs > FEW_RUNS ? Math.max(pollMs, runs * MIN_INTERVAL_OF_ALL_MS) : usual(attempt);
  };
}
