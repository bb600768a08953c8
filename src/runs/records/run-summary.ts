import { currentSteps, type RunRecord, type RunState, type RunTrigger, type StepRecord } from "./run-record.ts";

/** A step in one line. */
type StepSummary = Pick<StepRecord, "nodeId" | "type" | "name" | "state">;

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
  /** The code of the failure that ended the run. */
  readonly errorCode?: string;
  readonly unsavedReason?: string;
}

/** Summarizes a run without the steps that a retry has replaced. */
export function summarize(run: RunRecord): RunSummary {
  const { runId, state, trigger, startedAt, endedAt, steps, error, unsavedReason } = run;
  const current = currentSteps(steps);
  const [first, last] = [steps[0], current.at(-1)];
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
    ...(error && { errorCode: error.code }),
    ...(unsavedReason !== undefined && { unsavedReason }),
  };
}

function summarizeStep({ nodeId, type, name, state }: StepRecord): StepSummary {
  return { nodeId, type, name, state };
}
