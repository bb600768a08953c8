import { currentSteps } from "./current-steps.ts";
import { runEndedOtherwise } from "./ended-otherwise.ts";
import type { RunRecord, RunState, RunTrigger, StepRecord, StepState } from "./run-record.ts";

/** A step in one line. */
export interface StepSummary {
  readonly nodeId: string;
  readonly type: string;
  readonly name: string;
  readonly state: StepState;
}

/** A run in one line of a list, a few hundred bytes however much has happened in it; times are milliseconds since 1970. */
export interface RunSummary {
  readonly runId: string;
  readonly state: RunState;
  readonly trigger?: RunTrigger;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** The step that the run began with. */
  readonly first?: StepSummary;
  /** The step that began last. */
  readonly last?: StepSummary;
  /** Steps that are completed, or that were not needed. */
  readonly done: number;
  readonly steps: number;
  /** Of the failure that ended the run. */
  readonly errorCode?: string;
  /** Of a completed run without a selection: how its Lightly run ended, in Lightly's word. */
  readonly endedOtherwise?: string;
  /** Why the disk does not have the run as it is. */
  readonly notOnDisk?: string;
}

/** Steps that a retry has replaced don't count. */
export function summarize(run: RunRecord): RunSummary {
  const { runId, state, trigger, startedAt, endedAt, steps, error, notOnDisk } = run;
  const current = currentSteps(steps);
  const [first, last] = [steps[0], current.at(-1)];
  const endedOtherwise = runEndedOtherwise(run);
  return {
    runId,
    state,
    ...(trigger && { trigger }),
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(first && { first: line(first) }),
    ...(last && { last: line(last) }),
    done: current.filter(({ state }) => state === "completed" || state === "skipped").length,
    steps: current.length,
    ...(error && { errorCode: error.code }),
    ...(endedOtherwise === undefined ? {} : { endedOtherwise }),
    ...(notOnDisk === undefined ? {} : { notOnDisk }),
  };
}

function line({ nodeId, type, name, state }: StepRecord): StepSummary {
  return { nodeId, type, name, state };
}
