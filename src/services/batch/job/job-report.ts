import type { AttemptContainerDetail, AttemptDetail, JobDetail, LogConfiguration } from "@aws-sdk/client-batch";

/** How one attempt of a job has ended, or how its container is doing. */
export interface ContainerEnd {
  /** Why Batch says that it has ended: `Essential container in task exited`, even after a success. */
  readonly statusReason?: string;
  /** Why its container says so: `OutOfMemoryError: ...`. */
  readonly containerReason?: string;
  /** Absent if the container never started, or its host was lost. */
  readonly exitCode?: number;
  /** Absent if the container never started. */
  readonly logStream?: string;
}

/** An attempt that has ended. Times are milliseconds since 1970. */
export interface JobAttempt extends ContainerEnd {
  /** Absent if its container never started. */
  readonly startedAt?: number;
  readonly stoppedAt?: number;
}

/** The number of children in each state of Batch; states without children are absent. */
export type ChildCounts = Readonly<Record<string, number>>;

/** A job, as Batch has last described it: plain JSON. */
export interface JobReport extends ContainerEnd {
  readonly jobId: string;
  readonly jobName: string;
  /** In the words of Batch: `RUNNABLE`. It goes back to RUNNABLE for another attempt. */
  readonly state: string;
  /** The attempts that have ended, oldest first. */
  readonly attempts: readonly JobAttempt[];
  readonly logGroup: string;
  /** The log streams of all attempts, oldest first; none if a log driver writes elsewhere. */
  readonly logStreams: readonly string[];
  /** Whether its end was requested. */
  readonly isStopped: boolean;
  /** Of an array. */
  readonly children?: { readonly size: number; readonly counts: ChildCounts };
  /** In milliseconds since 1970. */
  readonly createdAt?: number;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  /** Of each container; absent if Batch does not say. */
  readonly vcpus?: number;
  readonly gpus?: number;
}

/** The group of a definition without one. */
export const DEFAULT_LOG_GROUP = "/aws/batch/job";

/** Whether a job has ended for good. */
export function isOver(state: string): boolean {
  return state === "SUCCEEDED" || state === "FAILED";
}

/** Converts the description of a job; undefined without id or state. */
export function readJob(detail: JobDetail): JobReport | undefined {
  const { jobId, jobName = "", status: state, arrayProperties, isCancelled, isTerminated } = detail;
  if (jobId === undefined || state === undefined) {
    return undefined;
  }
  const attempts = (detail.attempts ?? []).map(readAttempt);
  const current = present({ ...containerOf(detail), statusReason: detail.statusReason });
  const streams = isInCloudWatch(detail) ? [...attempts, current].flatMap(({ logStream }) => logStream ?? []) : [];
  const { size = 0, statusSummary = {} } = arrayProperties ?? {};
  return {
    jobId,
    jobName,
    state,
    ...current,
    attempts,
    logGroup: logGroupOf(detail),
    logStreams: [...new Set(streams)],
    isStopped: isCancelled === true || isTerminated === true,
    ...(size > 0 && {
      children: { size, counts: Object.fromEntries(Object.entries(statusSummary).filter(([, count]) => count > 0)) },
    }),
    ...present({ createdAt: detail.createdAt, startedAt: detail.startedAt, stoppedAt: detail.stoppedAt }),
    ...present({ vcpus: amountOf(detail, "VCPU"), gpus: amountOf(detail, "GPU") }),
  };
}

function readAttempt({ statusReason, container, taskProperties, startedAt, stoppedAt }: AttemptDetail): JobAttempt {
  const containers = taskProperties?.flatMap((task) => task.containers ?? []) ?? [];
  return present({ statusReason, ...readContainer(decisive(containers) ?? container), startedAt, stoppedAt });
}

/** How many vCPUs or GPUs the containers of a job have together. */
function amountOf({ container, ecsProperties }: JobDetail, type: "VCPU" | "GPU"): number | undefined {
  const several = ecsProperties?.taskProperties?.flatMap((task) => task.containers ?? []) ?? [];
  const amounts = (several.length > 0 ? several : [container ?? {}])
    .flatMap(({ resourceRequirements = [] }) => resourceRequirements)
    .filter((requirement) => requirement.type === type)
    .map(({ value }) => Number(value));
  return amounts.length > 0 && amounts.every(Number.isFinite)
    ? amounts.reduce((sum, amount) => sum + amount)
    : undefined;
}

/** The container of a job. A job with several containers has none of its own. */
function containerOf({ container, ecsProperties }: JobDetail): ContainerEnd {
  const containers = ecsProperties?.taskProperties?.flatMap((task) => task.containers ?? []) ?? [];
  return readContainer(decisive(containers) ?? container);
}

/** Of several containers the first one that has failed. */
function decisive<C extends AttemptContainerDetail>(containers: readonly C[]): C | undefined {
  return containers.find(({ exitCode, reason }) => (exitCode ?? 0) !== 0 || (reason ?? "") !== "") ?? containers[0];
}

function readContainer({ reason, exitCode, logStreamName }: AttemptContainerDetail = {}): ContainerEnd {
  return present({ containerReason: reason, exitCode, logStream: logStreamName });
}

function logGroupOf(detail: JobDetail): string {
  return logConfigurationOf(detail)?.options?.["awslogs-group"] || DEFAULT_LOG_GROUP;
}

/** Whether a log driver that writes elsewhere is not configured. */
function isInCloudWatch(detail: JobDetail): boolean {
  return (logConfigurationOf(detail)?.logDriver ?? "awslogs") === "awslogs";
}

function logConfigurationOf({ container, ecsProperties }: JobDetail): LogConfiguration | undefined {
  const [first] = ecsProperties?.taskProperties?.[0]?.containers ?? [];
  return (first ?? container)?.logConfiguration;
}

/** Without members that are undefined. */
function present<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined && member !== "")) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
