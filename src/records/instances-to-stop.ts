import { instancesLeftRunning, wasFoundRunning } from "./left-running.ts";
import { currentSteps, isOpen, type RunRecord, type StepRecord, stringsOf } from "./run-record.ts";
import { releasedInstances } from "./skip-rules.ts";

/**
 * Returns the instances that a run has started, or was about to start, and that none of its steps will stop. They must be stopped if:
 *
 * - A stop step has failed at its limit, or was deleted. If it failed before it knew its instances (its account was deleted), or the run is
 *   over, it applies to all instances that the run has started.
 * - The flow had a stop step ahead when the instance was started (`stopPlanned`), and the run has ended without it: the stop node was
 *   deleted before its message arrived, a failure does not lead to it, or it has stopped other instances.
 * - A start has not completed, so that it has set no timer. Only this run knows the instance.
 * - A node was deleted or disabled while the run used it (`isAbandoned`), unless `onRemoved` of the start step keeps the instance running.
 *
 * @param run - at least the steps that start or stop instances, and the steps before them
 * @param isActive - whether the flow may still reach a stop step
 */
export function instancesToStop(
  run: Pick<RunRecord, "steps">,
  { isActive, isAbandoned }: { readonly isActive: boolean; readonly isAbandoned: boolean },
): string[] {
  if (!run.steps.some(isLeased)) {
    return [];
  }
  const steps = currentSteps(run.steps);
  const stops = steps.filter(({ role }) => role === "stop");
  const failedStops = stops.filter(({ state }) => state === "failed" || state === "aborted");
  const isRequested = (id: string): boolean => failedStops.some((stop) => idsOf(stop).includes(id));
  const areAllRequested = failedStops.some((stop) => !isActive || stop.checkpoint?.instanceIds === undefined);
  const isBeingStopped = (id: string): boolean => stops.some((stop) => isOpen(stop) && idsOf(stop).includes(id));
  const isForgotten = ({ checkpoint }: StepRecord, id: string): boolean =>
    !isActive &&
    checkpoint?.stopPlanned === true &&
    checkpoint.onRemoved !== "keep" &&
    !stops.some((stop) => releasedInstances(stop).includes(id));
  const isDropped = (start: StepRecord): boolean =>
    (isAbandoned && start.checkpoint?.onRemoved !== "keep") ||
    areAllRequested ||
    start.state === "skipped" ||
    (!isActive && (start.state === "failed" || start.state === "aborted"));
  const starts = steps.filter(isLeased);
  const wanted = starts.flatMap((start) =>
    instancesLeftRunning({ steps: [start] }, []).filter(
      (id) => isRequested(id) || ((isDropped(start) || isForgotten(start, id)) && !wasFoundRunning(run, id)),
    ),
  );
  return [...new Set(wanted)].filter((id) => !isBeingStopped(id));
}

function isLeased({ role, checkpoint }: StepRecord): boolean {
  return role === "start" && checkpoint?.leased === true;
}

function idsOf({ checkpoint }: StepRecord): string[] {
  return stringsOf(checkpoint?.instanceIds);
}
