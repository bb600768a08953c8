import type { RunRecord, StepRecord } from "../../runs/records/run-record.ts";
import { type Interval, sharedMs, totalMs } from "../parts/intervals.ts";

/** How long a run had an instance on, and for how much of that no command of the run was on it. */
export interface InstanceUse {
  readonly instanceId: string;
  /** Known when the instance has started. */
  readonly instanceType?: string;
  readonly onMs: number;
  readonly idleMs: number;
  /** The run is over and has not switched it off; what it costs since then is not counted. */
  readonly isLeftOn: boolean;
}

const START = "lightly-ec2-start";
const STOP = "lightly-ec2-stop";
const COMMAND = "lightly-ssm-run-script";

/**
 * What a run's steps tell of the time that its instances were on: from the launch (or the start step's begin, for one that was on
 * already) to the end of the stop step.
 *
 * @param now - for a run that goes on
 */
export function instanceUses(run: RunRecord, now: number): InstanceUse[] {
  const ids = new Set(run.steps.filter(({ type }) => type === START).flatMap(startedInstances));
  return [...ids].map((instanceId) => instanceUse(run, instanceId, run.endedAt ?? now));
}

function instanceUse(run: RunRecord, instanceId: string, end: number): InstanceUse {
  const starts = run.steps.filter((step) => step.type === START && startedInstances(step).includes(instanceId));
  const stops = run.steps.filter((step) => step.type === STOP && hasStopped(step, instanceId));
  const onAt = (start: StepRecord): number => launchedAt(start, instanceId) ?? start.startedAt;
  const offAt = (start: StepRecord): number | undefined =>
    stops.map(({ endedAt = end }) => endedAt).find((at) => at > onAt(start)) ?? notedOffAt(start, instanceId);
  const on = starts.map((start): Interval => ({ from: onAt(start), to: offAt(start) ?? end }));
  const busy = run.steps
    .filter((step) => step.type === COMMAND && step.state !== "skipped" && commandInstances(step).includes(instanceId))
    .map(({ startedAt, endedAt = end }): Interval => ({ from: startedAt, to: endedAt }));
  const instanceType = starts.map((start) => detail(start, instanceId)?.instanceType).findLast(isText);
  const onMs = totalMs(on);
  return {
    instanceId,
    ...(instanceType === undefined ? {} : { instanceType }),
    onMs,
    idleMs: onMs - sharedMs(on, busy),
    isLeftOn: run.endedAt !== undefined && starts.some((start) => offAt(start) === undefined),
  };
}

/** When EC2 said that it was off, where no step of the run has stopped it. */
function notedOffAt({ checkpoint }: StepRecord, instanceId: string): number | undefined {
  const at = (Object(checkpoint?.off) as Record<string, unknown>)[instanceId];
  return typeof at === "number" ? at : undefined;
}

function startedInstances({ result, checkpoint }: StepRecord): string[] {
  return texts(ec2Of(result).instanceIds ?? checkpoint?.instanceIds);
}

/** Only what the step says it has stopped: an instance may have been left on for another run. */
function hasStopped({ state, result }: StepRecord, instanceId: string): boolean {
  const { instanceIds, keptRunning } = ec2Of(result);
  return state === "completed" && texts(instanceIds).includes(instanceId) && !texts(keptRunning).includes(instanceId);
}

function commandInstances({ result, checkpoint }: StepRecord): string[] {
  const { invocations } = (result?.ssm ?? {}) as { invocations?: unknown };
  const reported = Array.isArray(invocations) ? invocations.map((one: { instanceId?: unknown }) => one.instanceId) : [];
  return texts([...reported, ...texts(checkpoint?.instanceIds)]);
}

/** When EC2 has launched it for this step; an earlier launch was somebody else's. */
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

function ec2Of(result: StepRecord["result"]): { instanceIds?: unknown; instances?: unknown; keptRunning?: unknown } {
  return (result?.ec2 ?? {}) as object;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isText) : [];
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
