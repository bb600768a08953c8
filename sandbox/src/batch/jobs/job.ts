/** The states of a job, in their order. */
export const JOB_STATES = ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A name with a value, as Batch lists variables. */
export interface KeyValue {
  readonly name: string;
  readonly value: string;
}

/** What a job's container is, after the overrides of its request. */
export interface ContainerSpec {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: readonly KeyValue[];
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly gpus: number;
  /** Names of variables whose values are secrets, with the ARN of each. */
  readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[];
  /** Absent: another driver than awslogs keeps the output somewhere else. */
  readonly logGroup?: string;
  /** Begins the name of each log stream. */
  readonly logPrefix: string;
  /** Further members of the definition, which are only returned: roles, volumes, linuxParameters ... */
  readonly other: Readonly<Record<string, unknown>>;
}

/** A rule of `evaluateOnExit`. */
export interface ExitRule {
  readonly action: "RETRY" | "EXIT";
  readonly onStatusReason?: string;
  readonly onReason?: string;
  readonly onExitCode?: string;
}

export interface Dependency {
  readonly jobId?: string;
  readonly type?: "N_TO_N" | "SEQUENTIAL";
}

/** What was submitted; the children of an array share that of their parent. */
export interface JobRequest {
  readonly jobName: string;
  /** ARN. */
  readonly jobQueue: string;
  /** ARN. */
  readonly jobDefinition: string;
  readonly arraySize?: number;
  readonly dependsOn: readonly Dependency[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly container: ContainerSpec;
  readonly attempts: number;
  readonly exitRules: readonly ExitRule[];
  readonly timeoutSeconds?: number;
  readonly shareIdentifier?: string;
  readonly schedulingPriority?: number;
  readonly propagateTags: boolean;
  readonly platformCapabilities: readonly string[];
  /** Why the job is going to fail although it was accepted. */
  readonly lateRefusal?: string;
}

/** Where a container runs or ran. */
export interface Placement {
  readonly instanceId: string;
  readonly containerInstanceArn: string;
  readonly taskArn: string;
  readonly logStreamName?: string;
}

/** An attempt that has ended. Times are milliseconds since 1970. */
export interface Attempt extends Placement {
  readonly startedAt?: number;
  readonly stoppedAt: number;
  readonly statusReason: string;
  readonly exitCode?: number;
  /** Why the container ended or did not start. */
  readonly reason?: string;
}

/** A job: a plain one, the parent of an array, or one of its children. */
export interface Job {
  readonly jobId: string;
  readonly request: JobRequest;
  readonly createdAt: number;
  tags: Record<string, string>;
  /** Of a child. */
  readonly parentId?: string;
  readonly index?: number;
  status: JobState;
  statusReason?: string;
  startedAt?: number;
  stoppedAt?: number;
  attempts: Attempt[];
  /** While STARTING and RUNNING. */
  placement?: Placement;
  isCancelled?: boolean;
  isTerminated?: boolean;
  /** The reason of TerminateJob or CancelJob, until the job has ended. */
  endReason?: string;
}

export function isOver({ status }: Pick<Job, "status">): boolean {
  return status === "SUCCEEDED" || status === "FAILED";
}

/** Whether the job is the parent of an array, which never runs itself. */
export function isArray(job: Job): boolean {
  return job.request.arraySize !== undefined && job.index === undefined;
}
