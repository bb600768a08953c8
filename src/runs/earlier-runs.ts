import type { Leaseholder } from "./instances/leases.ts";
import { isOpen, type StepRecord } from "./records/run-record.ts";
import type { Run } from "./run.ts";
import type { Step } from "./steps/step.ts";

/** How a step waits for earlier runs. */
export interface WaitForEarlierRunsOptions {
  /** Whether an open step of an earlier run counts as passed. */
  readonly isPassed: (step: StepRecord) => boolean;
  /** Called once if the step has to wait. */
  readonly onQueued: () => void;
  readonly signal: AbortSignal;
}

/** Resolves when all runs that started earlier have passed a node: their steps in it have ended, or `isPassed` returns true for them. */
export async function waitForEarlierRuns(
  { registry, order }: Run,
  nodeId: string,
  { isPassed, onQueued, signal }: WaitForEarlierRunsOptions,
): Promise<void> {
  const isAhead = ({ record }: Step): boolean => record.nodeId === nodeId && isOpen(record) && !isPassed(record);
  const isQueued = (): boolean => registry.activeRunsBefore(order).some(({ steps }) => [...steps].some(isAhead));
  if (isQueued()) {
    onQueued();
  }
  while (isQueued()) {
    await registry.nextChange(signal);
  }
}

/** A run as the holder of leases. Earlier runs that are on their way to the node come first. */
export function leaseholder({ registry, runId, order }: Run, nodeId: string): Leaseholder {
  const isOnItsWay = ({ steps, instances }: Run): boolean =>
    steps.leadTo(nodeId, registry.nodes, instances.hasAsked(nodeId));
  const ahead = (): string[] =>
    registry
      .activeRunsBefore(order)
      .filter(isOnItsWay)
      .map((run) => run.runId);
  return { runId, order, ahead };
}
