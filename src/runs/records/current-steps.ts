import type { StepRecord } from "./run-record.ts";

/** The steps but those that a retry has replaced, or whose sender it has: that one's successor leads there again. */
export function currentSteps(steps: readonly StepRecord[]): StepRecord[] {
  const byId = new Map(steps.map((step) => [step.stepId, step]));
  const isSuperseded = ({ redoneBy, from }: StepRecord): boolean => {
    const sender = from === undefined ? undefined : byId.get(from);
    return redoneBy !== undefined || (sender !== undefined && isSuperseded(sender));
  };
  return steps.filter((step) => !isSuperseded(step));
}
