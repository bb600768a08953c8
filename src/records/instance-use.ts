import { type Interval, sharedMs, totalMs } from "./intervals.ts";
import { type RunRecord, type StepRecord, stringsOf } from "./run-record.ts";
import { START_PHASES } from "./start-times.ts";

/** Times in milliseconds. */
export interface UseTimes {
  readonly runningMs: number;
  readonly workingMs: number;
  readonly idleMs: number;
}

/** How long an instance was running for a run: working while a command of the run used it (a script or LightlyStudio), idle otherwise. */
export interface InstanceUse extends UseTimes {
  readonly instanceId: string;
  /** Known once the instance has started. */
  readonly instanceType?: string;
  /** Whether the run has ended without stopping the instance. Its cost since then is not counted. */
  readonly isLeftRunning: boolean;
}

/**
 * The running time of a run's instances according to its steps: from the launch (or from the start of the start step, if the instance
 * was already running) to the end of the stop step.
 *
 * @param now - for a run that has not ended
 */
export function instanceUses(run: RunRecord, now: number): InstanceUse[] {
  const ids = new Set(run.steps.filter(({ role }) => role === "start").flatMap(startedInstances));
  return [...ids].map((instanceId) => instanceUse(run, instanceId, run.endedAt ?? now));
}

/** The times of all instances together. */
export function totalUse(uses: readonly UseTimes[]): UseTimes {
  const sum = (name: keyof UseTimes): number => uses.reduce((total, use) => total + use[name], 0);
  return { runningMs: sum("runningMs"), workingMs: sum("workingMs"), idleMs: sum("idleMs") };
}

function instanceUse(run: RunRecord, instanceId: string, end: number): InstanceUse {
  const starts = run.steps.filter((step) => step.role === "start" && startedInstances(step).includes(instanceId));
  const stops = run.steps.filter((step) => step.role === "stop" && hasStopped(step, instanceId));
  const launchOf = (start: StepRecord): number =>
    launchedAt(start, instanceId) ?? requestedAt(start) ?? start.startedAt;
  const stopOf = (start: StepRecord): number | undefined =>
    stops.map(({ endedAt = end }) => endedAt).find((at) => at > launchOf(start)) ?? observedStopAt(start, instanceId);
  const running = starts.map((start): Interval => ({ from: launchOf(start), to: stopOf(start) ?? end }));
  const busy = run.steps
    .filter((step) => step.state !== "skipped" && commandInstances(step).includes(instanceId))
    .map(({ startedAt, endedAt = end }): Interval => ({ from: startedAt, to: endedAt }));
  const instanceType = starts.map((start) => detail(start, instanceId)?.instanceType).findLast(isString);
  const runningMs = totalMs(running);
  const workingMs = sharedMs(running, busy);
  return {
    instanceId,
    ...(instanceType === undefined ? {} : { instanceType }),
    ...{ runningMs, workingMs, idleMs: runningMs - workingMs },
    isLeftRunning: run.endedAt !== undefined && starts.some((start) => stopOf(start) === undefined),
  };
}

/** When EC2 reported the instance as stopped although no step of the run has stopped it. */
function observedStopAt({ checkpoint }: StepRecord, instanceId: string): number | undefined {
  const at = (Object(checkpoint?.stoppedAt) as Record<string, unknown>)[instanceId];
  return typeof at === "number" ? at : undefined;
}

function startedInstances({ result, checkpoint }: StepRecord): string[] {
  return stringsOf(ec2Of(result).instanceIds ?? checkpoint?.instanceIds);
}

/** Only an instance that the step has stopped itself: it may have kept one running for another run. */
function hasStopped({ state, result }: StepRecord, instanceId: string): boolean {
  const { instanceIds, keptRunning } = ec2Of(result);
  return (
    state === "completed" && stringsOf(instanceIds).includes(instanceId) && !stringsOf(keptRunning).includes(instanceId)
  );
}

/** Those of a step that runs a command: a script, or LightlyStudio. */
function commandInstances({ role, result, checkpoint }: StepRecord): string[] {
  if (role !== "command" && role !== "select") {
    return [];
  }
  const { invocations } = (result?.ssm ?? {}) as { invocations?: unknown };
  const reported = Array.isArray(invocations) ? invocations.map((one: { instanceId?: unknown }) => one.instanceId) : [];
  return stringsOf([...reported, ...stringsOf(checkpoint?.instanceIds)]);
}

/** When EC2 launched the instance for this step; undefined if it was running before. */
function launchedAt(start: StepRecord, instanceId: string): number | undefined {
  const at = Date.parse(String(detail(start, instanceId)?.launchedAt));
  return at >= start.startedAt && at <= (start.endedAt ?? at) ? at : undefined;
}

function detail(start: StepRecord, instanceId: string): { instanceType?: unknown; launchedAt?: unknown } | undefined {
  const { instances } = ec2Of(start.result);
  return Array.isArray(instances)
    ? instances.find((one: { instanceId?: unknown }) => one.instanceId === instanceId)
    : undefined;
}

/** When the start was requested: a step may wait for an upload or for other runs before. */
function requestedAt({ phases = [] }: StepRecord): number | undefined {
  return phases.findLast(({ name }) => name === START_PHASES.start)?.startedAt;
}

function ec2Of(result: StepRecord["result"]): { instanceIds?: unknown; instances?: unknown; keptRunning?: unknown } {
  return (result?.ec2 ?? {}) as object;
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}
