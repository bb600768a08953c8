/**
 * Where a step stands. An interrupted one was working when its Node-RED ended or its flow was stopped, and waits to be resumed. A
 * skipped one had nothing to do any more: its run had come to its end in another branch.
 */
export type StepState = "working" | "completed" | "failed" | "aborted" | "interrupted" | "skipped";

/** Where a run stands; it is over when none of its steps works any more and none waits to be taken up again. */
export type RunState = "running" | "completed" | "failed" | "aborted" | "interrupted";

/** What a working step last said of itself. */
export interface StepProgress {
  /** The state of what is waited for, in the words of its service: `pending`, `EMBEDDING`, `InProgress`. */
  readonly state?: string;
  readonly message?: string;
  readonly loadedBytes?: number;
  readonly totalBytes?: number;
}

/** A line of a step's log. */
export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly text: string;
}

/** A failure as plain JSON. */
export interface RecordedError {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** One step of a run as plain JSON; times are milliseconds since 1970. */
export interface StepRecord {
  readonly stepId: string;
  readonly nodeId: string;
  readonly type: string;
  readonly name: string;
  readonly startedAt: number;
  state: StepState;
  endedAt?: number;
  progress?: StepProgress;
  /** What has happened in the step, the oldest first; of a long one the newest lines. */
  log?: readonly LogEntry[];
  /** The ids of what the step has begun elsewhere: `{ commandId }`, `{ bucket, key }`. */
  checkpoint?: Readonly<Record<string, unknown>>;
  /** The step whose message this one has received, if a step of ours has sent it. */
  readonly from?: string;
  /** 2 and more: how often the step has been tried, the last time included. */
  attempt?: number;
  /** How often it was taken up again after a restart or a deploy. */
  resumed?: number;
  /** Of a step that a retry of its run has replaced: by which one. */
  redoneBy?: string;
  /** What the step put on the message: `{ s3: {...} }`. */
  result?: Readonly<Record<string, unknown>>;
  error?: RecordedError;
}

/** What a run began with: a message of a node, or the user's wish to have another one run again. */
export type RunTrigger =
  | { readonly kind: "node"; readonly nodeId: string; readonly type: string; readonly name: string }
  | { readonly kind: "again"; readonly runId: string };

/** One pass of the pipeline as plain JSON; times are milliseconds since 1970. */
export interface RunRecord {
  readonly runId: string;
  /** Unknown of a run that an older release has left. */
  readonly trigger?: RunTrigger;
  readonly startedAt: number;
  readonly state: RunState;
  readonly endedAt?: number;
  readonly steps: readonly StepRecord[];
  /** The failure that ended the run (the first one), or who aborted it. */
  readonly error?: RecordedError;
  /** Why the disk does not have the run as it is, such as `ENOSPC: no space left on the disk`: a restart would know an older state. */
  readonly notOnDisk?: string;
}
