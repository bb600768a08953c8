import { currentSteps } from "./current-steps.ts";
import { stepEndedOtherwise } from "./ended-otherwise.ts";
import { instancesLeftOn } from "./left-instances.ts";
import type { RunRecord, StepRecord } from "./run-record.ts";
import { START, STOP } from "./step-roles.ts";

/**
 * The steps with which a run that has ended badly begins again: those that failed or were aborted, and the start of an instance
 * that was stopped since. A step to which the message of another one of them leads is left to that one.
 *
 * @param all - every run that is known: any of them may have stopped the instance since
 * @param isTaken - whether another run uses an instance: then this one has to wait for its turn again
 * @returns step ids; none when the run has not ended badly
 */
export function stepsToRetry(
  run: RunRecord,
  all: readonly RunRecord[] = [run],
  isTaken: (instanceId: string) => boolean = () => false,
): string[] {
  const steps = currentSteps(run.steps);
  const bad = steps.filter(hasEndedBadly);
  if (bad.length === 0) {
    return [];
  }
  const stillOn = instancesLeftOn(run, all).filter((id) => !isTaken(id));
  // A failed stop has left the instance on: there is nothing to switch on again.
  const needsInstances = bad.some((step) => !isBehindStop(step, steps));
  const off = steps.filter(
    (step) => needsInstances && step.type === START && step.state === "completed" && isOff(step, stillOn),
  );
  // It was skipped because the run had come to an end that the retry takes back.
  const skipped = steps.filter(({ state }) => state === "skipped");
  const chosen = new Set([...bad, ...off, ...skipped].map(({ stepId }) => stepId));
  const isLedTo = ({ from }: StepRecord): boolean =>
    from !== undefined && (chosen.has(from) || steps.some((step) => step.stepId === from && isLedTo(step)));
  return steps.filter((step) => chosen.has(step.stepId) && !isLedTo(step)).map(({ stepId }) => stepId);
}

/** What came after the instances had been stopped does not need them. */
function isBehindStop({ from }: StepRecord, steps: readonly StepRecord[]): boolean {
  const sender = steps.find(({ stepId }) => stepId === from);
  return (
    sender !== undefined && ((sender.type === STOP && sender.state === "completed") || isBehindStop(sender, steps))
  );
}

/** Whoever retries a run whose Lightly run ended otherwise wants another result. */
function hasEndedBadly(step: StepRecord): boolean {
  return step.state === "failed" || step.state === "aborted" || stepEndedOtherwise(step) !== undefined;
}

function isOff({ result }: StepRecord, stillOn: readonly string[]): boolean {
  const ids = (result?.ec2 as { instanceIds?: unknown } | undefined)?.instanceIds;
  return Array.isArray(ids) && ids.some((id) => !stillOn.includes(id));
}
