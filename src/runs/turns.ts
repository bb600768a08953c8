import type { Claimant } from "./leases.ts";
import type { Run } from "./run.ts";
import type { StepRecord } from "./run-record.ts";
import type { RunSurroundings } from "./run-surroundings.ts";
import type { Step } from "./step.ts";

/**
 * Resolves when all runs that began before this one have passed a node: none of their steps there works that is not `isPassed`.
 *
 * @param onQueued - called if that has to be waited for
 */
export async function untilEarlierHavePassed(
  run: Run,
  nodeId: string,
  { earlierThan, nextChange }: Pick<RunSurroundings, "earlierThan" | "nextChange">,
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
export function claimantAt(
  nodeId: string,
  run: Run,
  { earlierThan, doorOf }: Pick<RunSurroundings, "earlierThan" | "doorOf">,
): Claimant {
  const isOnItsWay = ({ steps, instances }: Run): boolean =>
    steps.areOnTheirWayTo(nodeId, doorOf, instances.hasAsked(nodeId));
  const ahead = (): string[] =>
    earlierThan(run)
      .filter(isOnItsWay)
      .map(({ runId }) => runId);
  return { runId: run.runId, order: run.order, ahead };
}
