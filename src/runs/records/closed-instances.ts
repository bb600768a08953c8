import type { StepRecord } from "./run-record.ts";
import { SELECT, START, STOP } from "./step-roles.ts";

/**
 * Why a step must not begin anything on its instances: a branch beside it has come to the end of the run first. A step that follows
 * that end in the flow may: it belongs to what the flow's author wants to do next.
 *
 * @param steps - those of the run's current pass
 * @param isSelectionOver - no step of the run waits for a selection any more, or will
 * @returns undefined when the step may begin
 */
export function whyClosed(
  step: StepRecord,
  instanceIds: readonly string[],
  steps: readonly StepRecord[],
  isSelectionOver: () => boolean,
): string | undefined {
  const isBeside = ({ stepId }: StepRecord): boolean => !isBehind(step, stepId, steps);
  const stops = steps.filter((other) => other.type === STOP && isBeside(other));
  const isStopped = (id: string): boolean => stops.some((stop) => released(stop).includes(id));
  if (instanceIds.length > 0 && instanceIds.every(isStopped)) {
    return `${stops[0]?.name ?? "ec2 stop"} of the same run has released ${instanceIds.join(", ")} already.`;
  }
  const selections = steps.filter(
    ({ type, state }) => type === SELECT && state !== "working" && state !== "interrupted",
  );
  if (selections.length > 0 && selections.every(isBeside) && isSelectionOver()) {
    return "the selection of the same run is over, so no worker is needed.";
  }
  return undefined;
}

/** Whether a run has released an instance and has not started it again since. */
export function hasReleased(steps: readonly StepRecord[], instanceId: string): boolean {
  const isAbout = (step: StepRecord): boolean =>
    (step.type === STOP && released(step).includes(instanceId)) ||
    (step.type === START && step.state !== "skipped" && textsOf(step.checkpoint?.instanceIds).includes(instanceId));
  // A start that began before the stop is on record before it, also when it ends later.
  return steps.findLast(isAbout)?.type === STOP;
}

/** What a stop step no longer needs: what it stops, and what it leaves on for others. */
export function released({ checkpoint, result }: StepRecord): string[] {
  const { instanceIds } = Object(result?.ec2) as { instanceIds?: unknown };
  return [checkpoint?.instanceIds, checkpoint?.keptRunning, instanceIds].flatMap(textsOf);
}

/** Whether a step has received, perhaps through other steps, a message of that one. */
function isBehind({ from }: StepRecord, stepId: string, steps: readonly StepRecord[]): boolean {
  if (from === undefined || from === stepId) {
    return from === stepId;
  }
  const sender = steps.find((other) => other.stepId === from);
  return sender !== undefined && isBehind(sender, stepId, steps);
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}
