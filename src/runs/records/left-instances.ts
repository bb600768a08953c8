import type { RunRecord, StepRecord } from "./run-record.ts";
import { START, STOP } from "./step-roles.ts";

/**
 * What the user should know about a run that was left and can't be resumed: whose node is gone, and which instance may still
 * be running, with what to do about it.
 *
 * @param all - every run that is known: any of them may have stopped the instance since
 * @param isGuarded - whether an instance can be stopped, so that it is being stopped
 */
export function describeLeftOver(
  run: RunRecord,
  all: readonly RunRecord[],
  isGuarded: (instanceId: string) => boolean,
): string {
  const what = `The run ${run.runId} was under way when Node-RED ended or its flow was stopped, and can't go on: ${run.error?.message ?? "a node of it is gone"}`;
  const instances = instancesLeftOn(run, all);
  if (instances.length === 0) {
    return what;
  }
  const names = instances.join(", ");
  if (instances.every(isGuarded)) {
    return `${what} What it has started is being stopped: ${names}.`;
  }
  const may = instances.length === 1 ? "The instance it started may" : "The instances it started may";
  return `${what} ${may} still be running and cost money: ${names}. Unless they are needed, send a message to an ec2 stop node, or stop them in the EC2 console. Where ec2 start has set a timer, they stop by themselves when it runs out.`;
}

/** The instances that a run has started, or was about to, and that no step of any run has stopped since. */
export function instancesLeftOn(run: RunRecord, all: readonly RunRecord[]): string[] {
  const stops = all.flatMap(({ steps }) => steps).filter(({ type, state }) => type === STOP && state === "completed");
  const left = run.steps
    .filter(({ type }) => type === START)
    .flatMap((start) =>
      instancesOf(start).filter((id) => !isNotedOff(start, id) && !stops.some((stop) => hasStopped(stop, id, start))),
    );
  return [...new Set(left)];
}

/** The instances that a run has claimed, and that nobody has stopped since. */
export function claimedInstances(run: RunRecord, all: readonly RunRecord[]): string[] {
  const hasClaimed = run.steps.some(({ checkpoint }) => checkpoint?.claimed === true);
  return hasClaimed ? instancesLeftOn(run, all) : [];
}

/** Whether one of these runs, all that go on or have just ended, has switched an instance on, and nobody has stopped it since. */
export function isOnFor(instanceId: string, recent: readonly RunRecord[], all: readonly RunRecord[]): boolean {
  return recent.some((run) => instancesLeftOn(run, all).includes(instanceId) && !hasFoundRunning(run, instanceId));
}

/** Whether an instance was on before the run came to it. */
export function hasFoundRunning({ steps }: RunRecord, instanceId: string): boolean {
  return steps.some(({ checkpoint }) => {
    const found = checkpoint?.foundRunning;
    return Array.isArray(found) && found.includes(instanceId);
  });
}

/** EC2 has said since that it is off: see `Step.noteOff`. */
function isNotedOff({ checkpoint }: StepRecord, instanceId: string): boolean {
  return Object.hasOwn(Object(checkpoint?.off), instanceId);
}

function hasStopped(stop: StepRecord, instanceId: string, start: StepRecord): boolean {
  return (stop.endedAt ?? 0) >= start.startedAt && instancesOf(stop).includes(instanceId);
}

/** Of the result; of a step that has none, those that it had found. */
function instancesOf({ result, checkpoint }: StepRecord): string[] {
  const ec2 = result?.ec2 as { instanceIds?: unknown } | undefined;
  const ids = ec2?.instanceIds ?? checkpoint?.instanceIds;
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
}
