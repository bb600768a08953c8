import type { InstanceUse } from "./instances/instance-use.ts";
import type { Claimant } from "./instances/leases.ts";
import type { StepRecord } from "./records/run-record.ts";
import type { RunSurroundings } from "./run-surroundings.ts";
import type { Step } from "./steps/step.ts";
import type { StepList } from "./steps/step-list.ts";

/** A run as one of those that wait for their turn. */
interface Queued {
  readonly runId: string;
  readonly order: number;
  readonly steps: StepList;
  readonly instances: InstanceUse;
}

/**
 * Resolves when all runs that began before this one have passed a node: none of their steps there works that is not `isPassed`.
 *
 * @param onQueued - called if that has to be waited for
 */
export async function untilEarlierHavePassed<R extends Queued>(
  run: R,
  nodeId: string,
  { earlierThan, nextChange }: Pick<RunSurroundings<R>, "earlierThan" | "nextChange">,
  {
    isPassed,
    onQueued,
    signal,
  }: { isPassed: (step: StepRecord) => boolean; onQueued: () => void; signal: AbortSignal },
): Promise<void> {
  const isBehind = ({ record }: Step): boolean =>
    record.nodeId === nodeId && (record.state === "working" || record.state === "interrupted") && !isPassed(record);
  const isQueued = (): boolean => earlierThan(run).some(({ steps }) => [...steps].some(isBehind));
  if (isQueued()) {
    onQueued();
  }
  while (isQueued()) {
    await nextChange(signal);
  }
}

/** The run as one that claims instances in a node: whoever began earlier and is on the way there comes first. */
export function claimantAt<R extends Queued>(
  nodeId: string,
  run: R,
  { earlierThan, doorOf }: Pick<RunSurroundings<R>, "earlierThan" | "doorOf">,
): Claimant {
  const isOnItsWay = ({ steps, instances }: R): boolean =>
    steps.areOnTheirWayTo(nodeId, doorOf, instances.hasAsked(nodeId));
  const ahead = (): string[] =>
    earlierThan(run)
      .filter(isOnItsWay)
      .map(({ runId }) => runId);
  return { runId: run.runId, order: run.order, ahead };
}
