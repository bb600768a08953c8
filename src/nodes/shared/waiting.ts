import { type DelayPolicy, eagerDelay } from "../../polling/delay.ts";
import type { Inputs } from "./inputs.ts";
import type { StepContext } from "./step-context.ts";

/** Minutes of a form in milliseconds. */
export async function minutes(inputs: Inputs, field: string, fallback: number): Promise<number> {
  return (await inputs.number(field, { fallback, min: 0 })) * 60_000;
}

/** Hours of a form in milliseconds. */
export async function hours(inputs: Inputs, field: string, fallback: number): Promise<number> {
  return (await inputs.number(field, { fallback, min: 0 })) * 3_600_000;
}

/** The poll interval of a form in milliseconds. */
export async function pollPause(inputs: Inputs): Promise<number> {
  return (await inputs.number("pollSeconds", { fallback: 5, min: 0.01 })) * 1000;
}

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
