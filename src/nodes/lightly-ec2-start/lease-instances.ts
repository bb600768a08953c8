import type { EC2Client } from "@aws-sdk/client-ec2";
import type { OnBusy } from "../../instances/leases.ts";
import type { InstanceSelector } from "../../services/ec2/instance-selector.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import { idsOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/** Resolves with the instances of the form when the run may use them. A lease of a previous process is still valid. */
export async function leaseInstances(
  ec2: EC2Client,
  { select, onBusy }: { readonly select: InstanceSelector; readonly onBusy: OnBusy },
  context: StepContext,
): Promise<string[]> {
  const { signal, status } = context;
  const known = idsOf(context.checkpoint, "instanceIds");
  if (known && context.checkpoint.leased === true) {
    context.throwIfSkipped(known);
    return known;
  }
  const { findInstances } = await import("../../services/ec2/describe-instances.ts");
  context.throwIfSkipped([]);
  const found = await findInstances(ec2, select, signal);
  const instanceIds = found.map(({ instanceId }) => instanceId);
  context.throwIfSkipped(instanceIds);
  await context.instances.acquire({
    instanceIds,
    onBusy,
    nodeId: context.nodeId,
    signal,
    onQueued: (runs) => {
      context.progress({
        ...{ state: "queued", message: `runs ahead: ${runs}` },
        doing: { key: "queued", values: { runs } },
      });
      status.show("waiting", "queued", { runs });
    },
  });
  context.throwIfSkipped(instanceIds);
  return instanceIds;
}

/** Called before the first start request: afterwards, an instance that the step has started can't be told from one that was running before. */
export async function saveFound(
  context: StepContext,
  states: readonly InstanceState[],
  more: { readonly account: string; readonly onRemoved: "stop" | "keep"; readonly stopPlanned: boolean },
): Promise<void> {
  if (context.checkpoint.leased === true) {
    // It may have stopped since, and is started again now.
    await context.saveIntent({ ...more, stoppedAt: undefined });
    return;
  }
  const foundRunning = states
    .filter(({ instanceId, state }) => state === "running" && !context.instances.isStartedByRun(instanceId))
    .map(({ instanceId }) => instanceId);
  const instanceIds = states.map(({ instanceId }) => instanceId);
  await context.saveIntent({ instanceIds, leased: true, foundRunning, ...more });
}
