import { currentSteps } from "./current-steps.ts";
import type { RunRecord, StepRecord } from "./run-record.ts";

/**
 * How the Lightly run of a completed step ended, in Lightly's word (`CRASHED`, `FAILED`, `ABORTED`, `CANCELED`), if not as it should.
 * That is a result of the step, which a flow goes on with, and not its failure; but it has given no selection.
 *
 * Nothing of the kind is asked of a script. Its end fails its step, but in two cases that say nothing against the run: somebody else
 * judges the worker's work (then that Lightly run's own end is what counts), or the run itself has stopped the instance under it.
 */
export function stepEndedOtherwise({ state, result }: StepRecord): string | undefined {
  const { end } = Object(result?.lightly) as { end?: unknown };
  return state === "completed" && typeof end === "string" && end !== "COMPLETED" ? end : undefined;
}

/** The same of a run that is completed, of the last such step; a run that has failed or was aborted says more by that. */
export function runEndedOtherwise({ state, steps }: RunRecord): string | undefined {
  return state === "completed" ? currentSteps(steps).map(stepEndedOtherwise).findLast(Boolean) : undefined;
}

/** A run as others are told of it. */
export interface ToldRun extends RunRecord {
  /** What {@link runEndedOtherwise} answers. */
  readonly endedOtherwise?: string;
}

/** Adds to a run what a reader would else have to find in the results of its steps. */
export function toldRun(run: RunRecord): ToldRun {
  const endedOtherwise = runEndedOtherwise(run);
  return endedOtherwise === undefined ? run : { ...run, endedOtherwise };
}
