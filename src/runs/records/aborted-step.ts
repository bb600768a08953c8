import { currentSteps, type StepRecord } from "./run-record.ts";

/**
 * A step that was aborted and not replaced. In a run that has neither failed nor was aborted as a whole, a user has canceled this step alone:
 * the flow continued behind it, but the run has not done its work.
 */
export function abortedStep(steps: readonly StepRecord[]): StepRecord | undefined {
  return currentSteps(steps).find(({ state }) => state === "aborted");
}
