import { currentSteps, type StepRecord } from "./run-record.ts";

/**
 * Returns a step that was aborted and not replaced. If the run has neither failed nor was aborted as a whole, a user has canceled only this
 * step: the flow has continued after it, but the run has not completed its work.
 */
export function abortedStep(steps: readonly StepRecord[]): StepRecord | undefined {
  return currentSteps(steps).find(({ state }) => state === "aborted");
}
