import { type RunRecord, type StepRecord, stringsOf } from "./run-record.ts";

type Checkpoint = NonNullable<StepRecord["checkpoint"]>;

/** Returns the instances that a run has started, or was about to start, and that no step of any run has stopped since. */
export function instancesLeftRunning(run: Pick<RunRecord, "steps">, all: readonly RunRecord[]): string[] {
  return leftRunning(run, completedStops(all));
}

/** The stop steps of all runs. Searched once for the questions about many runs. */
export function completedStops(all: readonly RunRecord[]): StepRecord[] {
  return all.flatMap(({ steps }) => steps).filter(({ role, state }) => role === "stop" && state === "completed");
}

function leftRunning(run: Pick<RunRecord, "steps">, stops: readonly StepRecord[]): string[] {
  const running = run.steps
    .filter(({ role }) => role === "start")
    .flatMap((start) =>
      instancesOf(start).filter(
        (id) => !isMarkedStopped(start, id) && !stops.some((stop) => hasStopped(stop, id, start)),
      ),
    );
  return [...new Set(running)];
}

/**
 * Returns the instances that a run has leased, and that have not been stopped since.
 *
 * @param stops - see {@link completedStops}
 */
export function leasedInstances(run: RunRecord, stops: readonly StepRecord[]): string[] {
  const hasLeased = run.steps.some(({ checkpoint }) => checkpoint?.leased === true);
  return hasLeased ? leftRunning(run, stops) : [];
}

/** Whether one of the recent runs has started an instance, and none has stopped it since. */
export function isStartedBy(instanceId: string, recent: readonly RunRecord[], all: readonly RunRecord[]): boolean {
  // First the cheap question: with a thousand runs, each of them has another instance.
  const mayHave = recent.filter(
    (run) =>
      run.steps.some((step) => step.role === "start" && instancesOf(step).includes(instanceId)) &&
      !wasFoundRunning(run, instanceId),
  );
  if (mayHave.length === 0) {
    return false;
  }
  const stops = completedStops(all);
  return mayHave.some((run) => leftRunning(run, stops).includes(instanceId));
}

/** Whether an instance was running before the run used it. */
export function wasFoundRunning({ steps }: Pick<RunRecord, "steps">, instanceId: string): boolean {
  return steps.some(({ checkpoint }) => stringsOf(checkpoint?.foundRunning).includes(instanceId));
}

function hasStopped(stop: StepRecord, instanceId: string, start: StepRecord): boolean {
  return (stop.endedAt ?? 0) >= start.startedAt && instancesOf(stop).includes(instanceId);
}

/** Whether EC2 has reported an instance of the step as stopped since the step used it. */
export function isMarkedStopped({ checkpoint }: Pick<StepRecord, "checkpoint">, instanceId: string): boolean {
  return Object.hasOwn(Object(checkpoint?.stoppedAt), instanceId);
}

/**
 * The checkpoint of a step that has started the instance, with the time at which EC2 reported it as stopped.
 *
 * @param at epoch time in milliseconds
 * @returns undefined if the step has not started the instance, or if it is already marked
 */
export function withStopped(record: StepRecord, instanceId: string, at: number): Checkpoint | undefined {
  const { instanceIds, stoppedAt } = record.checkpoint ?? {};
  const isKnown = Array.isArray(instanceIds) && instanceIds.includes(instanceId);
  return isKnown && !isMarkedStopped(record, instanceId)
    ? { ...record.checkpoint, stoppedAt: { ...Object(stoppedAt), [instanceId]: at } }
    : undefined;
}

/** Returns the instances in the result of a step or, without a result, in its checkpoint. */
function instancesOf({ result, checkpoint }: StepRecord): string[] {
  const ec2 = result?.ec2 as { instanceIds?: unknown } | undefined;
  return stringsOf(ec2?.instanceIds ?? checkpoint?.instanceIds);
}
