import type { StepProgress } from "./progress.ts";

/**
 * The state of a step. An `interrupted` step was running when its Node-RED ended or its flow was stopped, and waits to be resumed. A
 * `skipped` step was no longer needed, because a parallel branch had ended its run.
 */
export type StepState = "running" | "completed" | "failed" | "aborted" | "interrupted" | "skipped";

/** The state of a run. It is over when no step is running or waits to be resumed. */
export type RunState = "running" | "completed" | "failed" | "aborted" | "interrupted";

/**
 * What a step does in the pipeline, as far as other steps depend on it: `start` starts instances, `command` runs a script on them,
 * `select` waits for the selection of the script's worker, `stop` stops instances. A node whose work is of a new kind adds a role.
 */
export type StepRole = "source" | "download" | "upload" | "start" | "command" | "select" | "results" | "stop";

/** A part of a step's work. It ends with the next phase, or with the step. */
export interface StepPhase {
  /** In the words of the service: `index`, `EMBEDDING`. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** A line of a step's log. */
export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly text: string;
  /** Absent for information. */
  readonly level?: "warning";
}

/** A failure as plain JSON. */
export interface RecordedError {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The failure of one item of a sequence. */
export interface ItemFailure extends Pick<RecordedError, "code" | "message"> {
  readonly index: number;
  /** The node whose step has failed. */
  readonly nodeId: string;
}

/** The messages that a step sends, one for each item, such as a video. The id of the sequence, in `msg.parts.id`, is that of the step. */
export interface StepSequence {
  readonly count: number;
  /** How many items may fail before the run fails. */
  readonly maxFailures: number;
  /** Each item has a run of its own: see {@link itemRunId}. */
  readonly hasOwnRuns?: true;
  /** The number of items that have left the step, and whose further steps have ended. */
  readonly ended: number;
  readonly failures: readonly ItemFailure[];
}

/** The item of a sequence that a step belongs to. */
export interface SequenceItem {
  /** The step that sends the sequence. */
  readonly of: string;
  readonly index: number;
}

/** One step of a run as plain JSON. Times are milliseconds since 1970. */
export interface StepRecord {
  readonly stepId: string;
  readonly nodeId: string;
  /** The type of the node, such as `lightly-s3-upload`. */
  readonly type: string;
  readonly role: StepRole;
  readonly name: string;
  /** For a node inside a subflow: the subflow node on the flow that contains it, which is the one that the editor knows. */
  readonly subflowNodeId?: string;
  /** For a node inside a subflow: the node of the subflow's template, which the editor shows when the subflow is opened. */
  readonly templateNodeId?: string;
  readonly startedAt: number;
  state: StepState;
  endedAt?: number;
  progress?: StepProgress;
  /** The phases that the step has reported, oldest first. */
  phases?: readonly StepPhase[];
  /** The newest lines, oldest first. */
  log?: readonly LogEntry[];
  /** The ids of the step's remote work: `{ commandId }`, `{ bucket, key }`. */
  checkpoint?: Readonly<Record<string, unknown>>;
  /** The step that has sent the message of this one. Absent if the message comes from the run's trigger. */
  readonly parentStepId?: string;
  /** The item of a sequence that its message belongs to. */
  readonly item?: SequenceItem;
  /** What it sends, if that is a sequence. */
  sequence?: StepSequence;
  /** The number of the current attempt, from 2 on. */
  attempt?: number;
  /** The requests that the step has sent, by service. A request that it shares with other steps counts for one of them. */
  requests?: Readonly<Record<string, number>>;
  /** How often the step was resumed after a restart or a deploy. */
  resumeCount?: number;
  /** The step that has replaced this one in a retry of the run. */
  replacedBy?: string;
  /** What the step has put on the message: `{ s3: {...} }`. */
  result?: Readonly<Record<string, unknown>>;
  error?: RecordedError;
}

/** What has started a run: a message of a node, or the rerun of another run. */
export type RunTrigger =
  | { readonly kind: "node"; readonly nodeId: string; readonly type: string; readonly name: string }
  | { readonly kind: "rerun"; readonly runId: string };

/** One execution of the pipeline as plain JSON. Times are milliseconds since 1970. */
export interface RunRecord {
  readonly runId: string;
  readonly trigger?: RunTrigger;
  readonly startedAt: number;
  readonly state: RunState;
  readonly endedAt?: number;
  readonly steps: readonly StepRecord[];
  /** The first failure, or why the run was aborted. */
  readonly error?: RecordedError;
  /** Why the current state is not on disk, such as `ENOSPC: no space left on the disk`. After a restart the run would have an older state. */
  readonly unsavedReason?: string;
}

/** Whether a step has not ended yet. */
export function isOpen({ state }: Pick<StepRecord, "state">): boolean {
  return state === "running" || state === "interrupted";
}

/** The id of the run of an item that has its own: a retry of the step sends other items. */
export function itemRunId(stepId: string, index: number): string {
  return `${stepId.replaceAll("/", "-")}-${index + 1}`;
}

/** Returns the steps that have received a message from outside of the run, such as that of its trigger, and that no retry has replaced. */
export function firstSteps(steps: readonly StepRecord[]): StepRecord[] {
  const ids = new Set(steps.map(({ stepId }) => stepId));
  return steps.filter(
    ({ parentStepId, replacedBy }) =>
      (parentStepId === undefined || !ids.has(parentStepId)) && replacedBy === undefined,
  );
}

/** The node that stands for a step in the editor: its own one or, inside a subflow, the subflow node on the flow. */
export function editorNodeId({ nodeId, subflowNodeId }: Pick<StepRecord, "nodeId" | "subflowNodeId">): string {
  return subflowNodeId ?? nodeId;
}

/** Returns the steps without those that a retry has replaced, and without the steps that followed these. */
export function currentSteps(steps: readonly StepRecord[]): StepRecord[] {
  const byId = new Map(steps.map((step) => [step.stepId, step]));
  const isReplaced = ({ replacedBy, parentStepId }: StepRecord): boolean => {
    const parent = parentStepId === undefined ? undefined : byId.get(parentStepId);
    return replacedBy !== undefined || (parent !== undefined && isReplaced(parent));
  };
  return steps.filter((step) => !isReplaced(step));
}

/**
 * Returns a step that was aborted and not replaced. If the run has neither failed nor was aborted as a whole, a user has canceled only this
 * step: the flow has continued after it, but the run has not completed its work.
 */
export function abortedStep(steps: readonly StepRecord[]): StepRecord | undefined {
  return currentSteps(steps).find(({ state }) => state === "aborted");
}

/** Why a step was skipped, as an English sentence; undefined if it was not. */
export function skipReason({ state, error }: StepRecord): string | undefined {
  if (state !== "skipped") {
    return undefined;
  }
  const why = (error?.message ?? "").replace(/^Stopped: /, "");
  return why.charAt(0).toUpperCase() + why.slice(1);
}

/** The reason of an abort in the Runs view or over the admin API. */
export const USER_ABORT = "it was requested over the admin API.";

/** Whether an error only says that a user has aborted the run. */
export function isUserAbort({ code, message }: RecordedError): boolean {
  return code === "ABORTED" && message.endsWith(USER_ABORT);
}

/** The members of an unknown value that are strings; none if it is not an array. */
export function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
