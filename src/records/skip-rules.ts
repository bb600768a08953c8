import { isOpen, type StepRecord, stringsOf } from "./run-record.ts";

/**
 * Decides whether a step must not start anything on its instances, because a parallel branch has already ended the run. A step that
 * follows that end in the flow may start: the flow continues on purpose.
 *
 * @param steps - the steps of the run's current pass
 * @param isSelectionOver - whether no step of the run is waiting, or will wait, for a selection
 * @returns the reason to skip the step; undefined if it may start
 */
export function reasonToSkip(
  step: StepRecord,
  instanceIds: readonly string[],
  steps: readonly StepRecord[],
  isSelectionOver: () => boolean,
): string | undefined {
  const isParallel = ({ stepId }: StepRecord): boolean => !isAfter(step, stepId, steps);
  const stops = steps.filter((other) => other.role === "stop" && isParallel(other));
  const isReleased = (id: string): boolean => stops.some((stop) => hasReleasedInstance(stop, id));
  if (stops.some(isForWholeRun) || (instanceIds.length > 0 && instanceIds.every(isReleased))) {
    const what = instanceIds.length > 0 ? instanceIds.join(", ") : "the instances of the run";
    return `${stops[0]?.name ?? "ec2 stop"} of the same run has already released ${what}.`;
  }
  const selections = steps.filter((other) => other.role === "select" && !isOpen(other));
  if (selections.length > 0 && selections.every(isParallel) && isSelectionOver()) {
    return "the selection of the same run is over, so no worker is needed.";
  }
  return undefined;
}

/** Whether a step that starts instances, or sends a command to them, has not sent the command. */
export function hasNoCommand({ role, checkpoint }: StepRecord): boolean {
  return (
    role === "start" || (role === "command" && checkpoint?.commandId === undefined && checkpoint?.jobId === undefined)
  );
}

/** Whether a run has released an instance and has not started it again since. */
export function hasReleased(steps: readonly StepRecord[], instanceId: string): boolean {
  const concerns = (step: StepRecord): boolean =>
    (step.role === "stop" && hasReleasedInstance(step, instanceId)) ||
    (step.role === "start" && step.state !== "skipped" && stringsOf(step.checkpoint?.instanceIds).includes(instanceId));
  // A start that began before the stop precedes it in the record, even if it ended later.
  return steps.findLast(concerns)?.role === "stop";
}

function hasReleasedInstance(stop: StepRecord, instanceId: string): boolean {
  return isForWholeRun(stop) || releasedInstances(stop).includes(instanceId);
}

/** Whether a stop step is for all instances of its run, including those that the run would start later. */
function isForWholeRun({ checkpoint }: StepRecord): boolean {
  return checkpoint?.ofRun === true;
}

/** Returns the instances that a stop step releases: those that it stops, and those that it keeps running for other runs. */
export function releasedInstances({ checkpoint, result }: StepRecord): string[] {
  const { instanceIds } = Object(result?.ec2) as { instanceIds?: unknown };
  return [checkpoint?.instanceIds, checkpoint?.keptRunning, instanceIds].flatMap(stringsOf);
}

/** Whether a step has received a message of another one, directly or through other steps. */
function isAfter({ parentStepId }: StepRecord, stepId: string, steps: readonly StepRecord[]): boolean {
  if (parentStepId === undefined || parentStepId === stepId) {
    return parentStepId === stepId;
  }
  const parent = steps.find((other) => other.stepId === parentStepId);
  return parent !== undefined && isAfter(parent, stepId, steps);
}
