import type { SafeCopy } from "../messages/safe-copy.ts";
import type { RunRecord, RunState, StepRecord } from "../records/run-record.ts";
import { isStepActive, type JournalRun, type JournalStep } from "./journal-run.ts";

/** How long the records are cached. */
const MAX_AGE_MS = 2000;

/** The runs of another Node-RED, read from its files. */
export class ReadOnlyRuns {
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
    return step?.message === undefined ? undefined : { value: step.message, omitted: step.omitted ?? [] };
  }

  #all(): ReadonlyMap<string, JournalRun> {
    const now = this.#now();
    if (Math.abs(now - this.#readAt) >= MAX_AGE_MS) {
      this.#runs = new Map(this.#read().map((run) => [run.runId, run]));
      this.#readAt = now;
    }
    return this.#runs;
  }
}

function recordOf(run: JournalRun): RunRecord {
  const { runId, trigger, startedAt, endedAt, failedStepId, abortReason } = run;
  const isActive = run.steps.some(isStepActive);
  const failure = run.steps.find(({ stepId }) => stepId === failedStepId)?.error;
  const aborted = { code: "ABORTED", message: `Stopped: ${abortReason}`, details: {} };
  const error = failure ?? (abortReason === undefined ? undefined : aborted);
  return {
    runId,
    ...(trigger && { trigger }),
    startedAt,
    state: stateOf(run, isActive),
    ...(endedAt !== undefined && !isActive && { endedAt }),
    steps: run.steps.map(stepOf),
    ...(error && { error }),
  };
}

function stepOf(step: JournalStep): StepRecord {
  const { alwaysRuns, message, omitted, outbox, receivedItems, items, cancelReason, ...record } = step;
  return record;
}

function stateOf({ failedStepId, abortReason }: JournalRun, isActive: boolean): RunState {
  if (failedStepId !== undefined) {
    return "failed";
  }
  if (abortReason !== undefined) {
    return "aborted";
  }
  return isActive ? "running" : "completed";
}
