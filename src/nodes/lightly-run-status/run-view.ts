import {
  type RunRecord,
  type RunState,
  type StepProgress,
  type StepRecord,
  type StepState,
  skipReason,
} from "../../runs/records/run-record.ts";

/** A failure as it is told to who asked for the run: what a program routes on, and what a person reads. */
export interface ErrorView {
  readonly code: string;
  readonly message: string;
}

/** One step of a {@link RunView}; times as ISO texts. */
export interface StepView {
  readonly name: string;
  /** The type of the node, such as `lightly-s3-upload`. */
  readonly type: string;
  readonly state: StepState;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly progress?: StepProgress;
  readonly error?: ErrorView;
  /** Why a skipped step was not needed: no error. */
  readonly reason?: string;
}

/** A run as an HTTP answer shows it; times as ISO texts. */
export interface RunView {
  readonly runId: string;
  readonly state: RunState;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly steps: readonly StepView[];
  /** The failure that ended the run: the first one. */
  readonly error?: ErrorView;
}

/**
 * What of a run concerns those who wait for it, without the ids and results that only its steps need. Of a step that was run again
 * only the latest is told.
 */
export function runView(run: RunRecord): RunView {
  const { runId, state, startedAt, endedAt, steps, error } = run;
  return {
    runId,
    state,
    startedAt: time(startedAt),
    ...(endedAt !== undefined && { endedAt: time(endedAt) }),
    steps: steps.filter(({ replacedBy }) => replacedBy === undefined).map(stepView),
    ...(error && { error: errorView(error) }),
  };
}

function stepView(step: StepRecord): StepView {
  const { name, type, state, startedAt, endedAt, progress, error } = step;
  const reason = skipReason(step);
  return {
    name,
    type,
    state,
    startedAt: time(startedAt),
    ...(endedAt !== undefined && { endedAt: time(endedAt) }),
    ...(progress && { progress }),
    ...(reason === undefined ? error && { error: errorView(error) } : { reason }),
  };
}

function errorView({ code, message }: ErrorView): ErrorView {
  return { code, message };
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
