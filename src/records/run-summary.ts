import { foldedSteps } from "./folded-steps.ts";
import type { RunRecord, RunState, RunTrigger, StepRecord, StepState } from "./run-record.ts";
import { selectionsOf } from "./selections.ts";

/** A step in one line. */
type StepSummary = Pick<StepRecord, "nodeId" | "subflowNodeId" | "type" | "name" | "state">;

/** A run in one line of a list: a few hundred bytes for any run. Times are milliseconds since 1970. */
export interface RunSummary {
  readonly runId: string;
  readonly state: RunState;
  readonly trigger?: RunTrigger;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** The step that started first. */
  readonly firstStep?: StepSummary;
  /** The step that started last. */
  readonly lastStep?: StepSummary;
  /** The number of steps that are completed or skipped. */
  readonly completedSteps: number;
  readonly totalSteps: number;
  /** The states of the steps, in the order in which they started. */
  readonly stepStates: readonly StepState[];
  /** The number of frames that the run has selected, if it is known. */
  readonly selectedFrames?: number;
  /** How many items of its sequences, such as videos, have failed; absent for none. */
  readonly failedItems?: number;
  /** The code of the failure that ended the run. */
  readonly errorCode?: string;
  readonly unsavedReason?: string;
}

/** Summarizes a run without the steps that a retry has replaced. The steps of all items of a sequence in one node count as one. */
export function summarize(run: RunRecord): RunSummary {
  const { runId, state, trigger, startedAt, endedAt, steps, error, unsavedReason } = run;
  const current = foldedSteps(steps);
  const failed = failedItems(current);
  const [first, last] = [steps[0], current.at(-1)];
  const selectedFrames = selectionsOf(run).reduce<number | undefined>(
    (sum, { selected }) => (selected === undefined ? sum : (sum ?? 0) + selected),
    undefined,
  );
  return {
    runId,
    state,
    ...(trigger && { trigger }),
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    ...(first && { firstStep: summarizeStep(first) }),
    ...(last && { lastStep: summarizeStep(last) }),
    completedSteps: current.filter(({ state }) => state === "completed" || state === "skipped").length,
    totalSteps: current.length,
    stepStates: current.map(({ state }) => state),
    ...(selectedFrames !== undefined && { selectedFrames }),
    ...(failed > 0 && { failedItems: failed }),
    ...(error && { errorCode: error.code }),
    ...(unsavedReason !== undefined && { unsavedReason }),
  };
}

function failedItems(steps: readonly StepRecord[]): number {
  return steps.reduce((sum, { sequence }) => sum + (sequence?.failures.length ?? 0), 0);
}

function summarizeStep({ nodeId, subflowNodeId, type, name, state }: StepRecord): StepSummary {
  return { nodeId, ...(subflowNodeId !== undefined && { subflowNodeId }), type, name, state };
}
