import { type ContainerUse, totalContainerUse } from "../../records/container-use.ts";
import { type InstanceUse, totalUse } from "../../records/instance-use.ts";
import type { StepProgress } from "../../records/progress.ts";
import {
  type RunRecord,
  type RunState,
  type StepRecord,
  type StepState,
  skipReason,
} from "../../records/run-record.ts";
import { runUsage } from "../../records/run-usage.ts";
import { selectionOf } from "../../records/selections.ts";

/** A failure for the caller: a code for programs, and a message for people. */
export interface ErrorView {
  readonly code: string;
  readonly message: string;
}

/** One step of a {@link RunView}; times as ISO strings. */
export interface StepView {
  readonly name: string;
  /** The type of the node, such as `lightly-s3-upload`. */
  readonly type: string;
  readonly state: StepState;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly progress?: StepProgress;
  readonly error?: ErrorView;
  /** Why a skipped step was not needed. */
  readonly reason?: string;
}

/** A selection of a {@link RunView}, of either engine. */
export interface SelectionView {
  readonly engine: "platform" | "studio";
  /** The name of its step. */
  readonly step: string;
  /** The number of selected frames. */
  readonly selected: number;
}

/** The time of all instances of a {@link RunView} together, in seconds. */
export interface InstanceSeconds {
  readonly running: number;
  /** While a command of the run used it. */
  readonly working: number;
  readonly idle: number;
}

/** The ended jobs of AWS Batch of a {@link RunView} together. Times in seconds. */
export interface ContainersView {
  /** The jobs, or children of arrays, that have had a container. */
  readonly jobs: number;
  /** While containers ran: not the time of the instances. */
  readonly seconds: number;
  /** Multiplied by the vCPUs of each container; absent if they are not known. */
  readonly vcpuSeconds?: number;
  /** The same of GPUs; absent without any. */
  readonly gpuSeconds?: number;
}

/** A run for an HTTP response; times as ISO strings. */
export interface RunView {
  readonly runId: string;
  readonly state: RunState;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly steps: readonly StepView[];
  /** What the run has selected, once it has. */
  readonly selections?: readonly SelectionView[];
  /** Absent if the run has used no instance. */
  readonly instanceSeconds?: InstanceSeconds;
  /** Absent if the run has used no container of AWS Batch. */
  readonly containers?: ContainersView;
  /** The number of requests by service: `{ s3: 7, ec2: 12 }`; absent if the run has sent none. */
  readonly requests?: Readonly<Record<string, number>>;
  /** The first failure, which has ended the run. */
  readonly error?: ErrorView;
}

/**
 * Converts a run for a caller that waits for it, without ids and results that only its steps need. Of a retried step, only the latest
 * attempt is included.
 *
 * @param now - milliseconds since 1970
 */
export function runView(run: RunRecord, now: number): RunView {
  const { runId, state, startedAt, endedAt, error } = run;
  const steps = run.steps.filter(({ replacedBy }) => replacedBy === undefined);
  const selections = steps.filter(isSelected).flatMap(selectionViews);
  const { instances, containers, requests } = runUsage(run, now);
  return {
    runId,
    state,
    startedAt: time(startedAt),
    ...(endedAt !== undefined && { endedAt: time(endedAt) }),
    steps: steps.map(stepView),
    ...(selections.length > 0 && { selections }),
    ...(instances.length > 0 && { instanceSeconds: secondsOf(instances) }),
    ...(containers.length > 0 && { containers: containersView(containers) }),
    ...(Object.keys(requests).length > 0 && { requests }),
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

function isSelected({ role, state }: StepRecord): boolean {
  return role === "select" && state === "completed";
}

function selectionViews(step: StepRecord): SelectionView[] {
  return selectionOf(step).map(({ engine, selected = 0 }) => ({ engine, step: step.name, selected }));
}

function secondsOf(instances: readonly InstanceUse[]): InstanceSeconds {
  const { runningMs, workingMs, idleMs } = totalUse(instances);
  return { running: runningMs / 1000, working: workingMs / 1000, idle: idleMs / 1000 };
}

function containersView(uses: readonly ContainerUse[]): ContainersView {
  const { jobs, containerMs, vcpuMs, gpuMs } = totalContainerUse(uses);
  return {
    ...{ jobs, seconds: containerMs / 1000 },
    ...(vcpuMs !== undefined && { vcpuSeconds: vcpuMs / 1000 }),
    ...(gpuMs !== undefined && { gpuSeconds: gpuMs / 1000 }),
  };
}

function errorView({ code, message }: ErrorView): ErrorView {
  return { code, message };
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
