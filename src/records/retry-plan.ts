import { instancesLeftRunning } from "./left-running.ts";
import { currentSteps, type RunRecord, type StepRecord, stringsOf } from "./run-record.ts";

/**
 * Returns the steps that a retry of a failed or aborted run starts: the failed and aborted steps, and the start of an instance that was
 * stopped since. A step that follows another one of them is not started, because that one leads to it.
 *
 * @param all - all known runs: any of them may have stopped the instance since
 * @param isUsedByOthers - whether another run uses an instance, so that this one must wait for its lease again
 * @returns step ids; none if no step has failed or was aborted
 */
export function stepsToRetry(
  run: RunRecord,
  all: readonly RunRecord[] = [run],
  isUsedByOthers: (instanceId: string) => boolean = () => false,
): string[] {
  const steps = currentSteps(run.steps);
  const failed = steps.filter(({ state }) => state === "failed" || state === "aborted");
  if (failed.length === 0) {
    return [];
  }
  const available = instancesLeftRunning(run, all).filter((id) => !isUsedByOthers(id));
  // A failed stop has kept the instance running: nothing has to be started.
  const needsInstances = failed.some((step) => !isAfterStop(step, steps));
  const stopped = steps.filter(
    (step) => needsInstances && step.role === "start" && step.state === "completed" && isStopped(step, available),
  );
  // They were skipped because the run had ended, which is no longer true.
  const skipped = steps.filter(({ state }) => state === "skipped");
  const chosen = new Set([...failed, ...stopped, ...skipped].map(({ stepId }) => stepId));
  const isAfterChosen = ({ parentStepId }: StepRecord): boolean =>
    parentStepId !== undefined &&
    (chosen.has(parentStepId) || steps.some((step) => step.stepId === parentStepId && isAfterChosen(step)));
  return steps.filter((step) => chosen.has(step.stepId) && !isAfterChosen(step)).map(({ stepId }) => stepId);
}

/** Whether a step follows a completed stop, so that it does not need the instances. */
function isAfterStop({ parentStepId }: StepRecord, steps: readonly StepRecord[]): boolean {
  const parent = steps.find(({ stepId }) => stepId === parentStepId);
  return (
    parent !== undefined && ((parent.role === "stop" && parent.state === "completed") || isAfterStop(parent, steps))
  );
}

function isStopped({ result }: StepRecord, available: readonly string[]): boolean {
  const ids = stringsOf((result?.ec2 as { instanceIds?: unknown } | undefined)?.instanceIds);
  return ids.some((id) => !available.includes(id));
}
