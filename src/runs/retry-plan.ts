import { instancesLeftOn } from "./left-instances.ts";
import type { RunRecord, StepRecord } from "./run-record.ts";

const START = "lightly-ec2-start";

/**
 * The steps with which a run that has ended badly begins again: those that failed or were aborted, and the start of an instance
 * that was stopped since. A step to which the message of another one of them leads is left to that one.
 *
 * @returns step ids; none when the run has not ended badly
 */
export function stepsToRetry(run: RunRecord): string[] {
  const steps = run.steps.filter(({ redoneBy }) => redoneBy === undefined);
  const bad = steps.filter(hasEndedBadly);
  if (bad.length === 0) {
    return [];
  }
  const stillOn = instancesLeftOn(run, [run]);
  // A failed stop has left the instance on: there is nothing to switch on again.
  const off = steps.filter((step) => step.type === START && step.state === "completed" && isOff(step, stillOn));
  const chosen = new Set([...bad, ...off].map(({ stepId }) => stepId));
  const isLedTo = ({ from }: StepRecord): boolean =>
    from !== undefined && (chosen.has(from) || steps.some((step) => step.stepId === from && isLedTo(step)));
  return steps.filter((step) => chosen.has(step.stepId) && !isLedTo(step)).map(({ stepId }) => stepId);
}

/** How a Lightly run ended is a result of its step, not a failure; whoever retries the run wants another result. */
function hasEndedBadly({ state, result }: StepRecord): boolean {
  const lightly = result?.lightly as { end?: unknown } | undefined;
  return state === "failed" || state === "aborted" || (lightly?.end !== undefined && lightly.end !== "COMPLETED");
}

function isOff({ result }: StepRecord, stillOn: readonly string[]): boolean {
  const ids = (result?.ec2 as { instanceIds?: unknown } | undefined)?.instanceIds;
  return Array.isArray(ids) && ids.some((id) => !stillOn.includes(id));
}
