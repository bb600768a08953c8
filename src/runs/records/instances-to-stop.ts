import { released } from "./closed-instances.ts";
import { currentSteps } from "./current-steps.ts";
import { hasFoundRunning, instancesLeftOn } from "./left-instances.ts";
import type { RunRecord, StepRecord } from "./run-record.ts";
import { START, STOP } from "./step-roles.ts";

/**
 * The instances that a run has started, or was about to, and that no step of it will stop: they are to be off.
 *
 * - A stop step has failed at its limit, or was deleted: what it was to stop is stopped anyway. One that has failed before it knew its
 *   instances (its account is gone), and one of a run that is over, was meant for all that the run has started.
 * - The flow had a stop step ahead when the instance was started (`stopPlanned`), and the run has ended without a stop of it: the step
 *   was deleted before its message came, a failure does not lead there, or it has stopped other instances.
 * - A start that has not come to its end has set no timer. Nothing but this run knows of the instance.
 * - A node was deleted or disabled under the run's work (`isAbandoned`): what the run has started goes with it, unless its start is
 *   told to leave it on.
 *
 * @param isUnderWay - the flow may still come to a stop step
 */
export function instancesToStop(
  run: RunRecord,
  { isUnderWay, isAbandoned }: { readonly isUnderWay: boolean; readonly isAbandoned: boolean },
): string[] {
  const steps = currentSteps(run.steps);
  const stops = steps.filter(({ type }) => type === STOP);
  const failedStops = stops.filter(({ state }) => state === "failed" || state === "aborted");
  const isAskedFor = (id: string): boolean => failedStops.some((stop) => idsOf(stop).includes(id));
  const isAllAskedFor = failedStops.some((stop) => !isUnderWay || stop.checkpoint?.instanceIds === undefined);
  const isBeingStopped = (id: string): boolean =>
    stops.some((stop) => (stop.state === "working" || stop.state === "interrupted") && idsOf(stop).includes(id));
  const isForgotten = ({ checkpoint }: StepRecord, id: string): boolean =>
    !isUnderWay &&
    checkpoint?.stopPlanned === true &&
    checkpoint.onRemoved !== "leave" &&
    !stops.some((stop) => released(stop).includes(id));
  const isGivenUp = (start: StepRecord): boolean =>
    (isAbandoned && start.checkpoint?.onRemoved !== "leave") ||
    isAllAskedFor ||
    start.state === "skipped" ||
    (!isUnderWay && (start.state === "failed" || start.state === "aborted"));
  const starts = steps.filter(({ type, checkpoint }) => type === START && checkpoint?.claimed === true);
  const wanted = starts.flatMap((start) =>
    instancesLeftOn({ ...run, steps: [start] }, []).filter(
      (id) => isAskedFor(id) || ((isGivenUp(start) || isForgotten(start, id)) && !hasFoundRunning(run, id)),
    ),
  );
  return [...new Set(wanted)].filter((id) => !isBeingStopped(id));
}

function idsOf({ checkpoint }: StepRecord): unknown[] {
  return Array.isArray(checkpoint?.instanceIds) ? checkpoint.instanceIds : [];
}
