import { type DelayPolicy, eagerDelay } from "../../polling/delay.ts";
import type { Step } from "../../runs/steps/step.ts";
import type { Inputs } from "./inputs.ts";

/** Minutes of a form in milliseconds. */
export async function minutes(inputs: Inputs, field: string, fallback: number): Promise<number> {
  return (await inputs.number(field, { fallback, min: 0 })) * 60_000;
}

/** Hours of a form in milliseconds. */
export async function hours(inputs: Inputs, field: string, fallback: number): Promise<number> {
  return (await inputs.number(field, { fallback, min: 0 })) * 3_600_000;
}

/** The longest pause between two looks, of a form, in milliseconds; never none at all. */
export async function pollPause(inputs: Inputs): Promise<number> {
  return (await inputs.number("pollSeconds", { fallback: 5, min: 0.01 })) * 1000;
}

/** All runs together look at their work so often; each of many looks the more seldom. */
const MIN_BETWEEN_RUNS_MS = 40;
const FEW_RUNS = 50;

/** Pauses between looks up to `pollMs`, the first ones shorter; with many runs under way longer ones, so that no service is flooded. */
export function lookPauses(step: Step, pollMs: number): DelayPolicy {
  const usual = eagerDelay(pollMs);
  return (attempt) => {
    const runs = step.runsUnderWay;
    return runs > FEW_RUNS ? Math.max(pollMs, runs * MIN_BETWEEN_RUNS_MS) : usual(attempt);
  };
}
