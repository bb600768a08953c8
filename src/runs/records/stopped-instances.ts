import type { StepRecord } from "./run-record.ts";

type Checkpoint = NonNullable<StepRecord["checkpoint"]>;

/** Whether EC2 has reported an instance of the step as stopped since the step used it. */
export function isMarkedStopped({ checkpoint }: Pick<StepRecord, "checkpoint">, instanceId: string): boolean {
  return Object.hasOwn(Object(checkpoint?.stoppedAt), instanceId);
}

/**
 * The checkpoint of a step that has started the instance, with the time at which EC2 reported it as stopped.
 *
 * @param at epoch time in milliseconds
 * @returns undefined if the step has not started the instance, or if it is already marked
 */
export function withStopped(record: StepRecord, instanceId: string, at: number): Checkpoint | undefined {
  const { instanceIds, stoppedAt } = record.checkpoint ?? {};
  const isKnown = Array.isArray(instanceIds) && instanceIds.includes(instanceId);
  return isKnown && !isMarkedStopped(record, instanceId)
    ? { ...record.checkpoint, stoppedAt: { ...Object(stoppedAt), [instanceId]: at } }
    : undefined;
}
