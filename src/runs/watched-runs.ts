import type { JournalRun, JournalStep } from "./journal/journal-run.ts";
import type { SafeCopy } from "./messages/safe-copy.ts";
import type { RunRecord, RunState, StepRecord } from "./records/run-record.ts";

/** For so long what was read is true enough. */
const FRESH_MS = 2000;

/** The runs that another Node-RED works on, as its files tell. */
export class WatchedRuns {
  readonly #read: () => readonly JournalRun[];
  readonly #now: () => number;
  #runs: ReadonlyMap<string, JournalRun> = new Map();
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(read: () => readonly JournalRun[], now: () => number) {
    this.#read = read;
    this.#now = now;
  }

  records(): RunRecord[] {
    return [...this.#all().values()].map(recordOf);
  }

  get(runId: string): RunRecord | undefined {
    const run = this.#all().get(runId);
    return run && recordOf(run);
  }

  input(stepId: string): SafeCopy | undefined {
    const steps = [...this.#all().values()].flatMap((run) => run.steps);
    const step = steps.find((one) => one.stepId === stepId);
    return step?.message === undefined ? undefined : { value: step.message, leftOut: step.leftOut ?? [] };
  }

  #all(): ReadonlyMap<string, JournalRun> {
    const now = this.#now();
    if (Math.abs(now - this.#readAt) >= FRESH_MS) {
      this.#runs = new Map(this.#read().map((run) => [run.runId, run]));
      this.#readAt = now;
    }
    return this.#runs;
  }
}

function recordOf(run: JournalRun): RunRecord {
  const { runId, trigger, startedAt, endedAt, failedStepId, abortReason } = run;
  const state = stateOf(run);
  const failure = run.steps.find(({ stepId }) => stepId === failedStepId)?.error;
  const aborted = { code: "ABORTED", message: `Stopped: ${abortReason}`, details: {} };
  const error = failure ?? (abortReason === undefined ? undefined : aborted);
  return {
    runId,
    ...(trigger && { trigger }),
    startedAt,
    state,
    ...(endedAt !== undefined && !run.steps.some(isUnderWay) ? { endedAt } : {}),
    steps: run.steps.map(stepOf),
    ...(error && { error }),
  };
}

function stepOf({ alwaysRuns, message, leftOut, handedOn, cancelReason, ...record }: JournalStep): StepRecord {
  return record;
}

function stateOf({ steps, failedStepId, abortReason }: JournalRun): RunState {
  if (failedStepId !== undefined) {
    return "failed";
  }
  if (abortReason !== undefined) {
    return "aborted";
  }
  return steps.some(isUnderWay) ? "running" : "completed";
}

function isUnderWay({ state, handedOn = [] }: JournalStep): boolean {
  return state === "working" || state === "interrupted" || handedOn.some(({ to }) => to.length > 0);
}
