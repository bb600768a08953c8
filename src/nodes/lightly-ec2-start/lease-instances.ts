import type { EC2Client } from "@aws-sdk/client-ec2";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { OnBusy } from "../../instances/leases.ts";
import type { InstanceSelector } from "../../services/ec2/instance-selector.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import { idsOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/** Which instances a run wants, and what it does if other runs use them. */
export interface Wanted {
  readonly select: InstanceSelector;
  /** How many of those that match; undefined: all of them. */
  readonly desired?: number | undefined;
  readonly onBusy: OnBusy;
}

/** Resolves with the instances that the run may use. A lease of a previous process is still valid. */
export async function leaseInstances(ec2: EC2Client, wanted: Wanted, context: StepContext): Promise<string[]> {
  const { signal } = context;
  const { select, desired, onBusy } = wanted;
  const known = leasedIds(context);
  if (known && known.length >= (desired ?? 0)) {
    context.throwIfSkipped(known);
    return known;
  }
  const { findInstances } = await import("../../services/ec2/describe-instances.ts");
  context.throwIfSkipped([]);
  const found = await findInstances(ec2, select, signal);
  if (desired !== undefined) {
    return [...(known ?? []), ...(await leaseSome(found, desired - (known?.length ?? 0), wanted, context))];
  }
  const instanceIds = found.map(({ instanceId }) => instanceId);
  context.throwIfSkipped(instanceIds);
  const onQueued = (runs: number): void => showQueue(context, runs);
  await context.instances.acquire({ instanceIds, onBusy, nodeId: context.nodeId, signal, onQueued });
  context.throwIfSkipped(instanceIds);
  return instanceIds;
}

async function leaseSome(
  found: readonly InstanceState[],
  count: number,
  { desired, onBusy }: Wanted,
  context: StepContext,
): Promise<string[]> {
  const { nodeId, signal } = context;
  const candidates = await candidatesOf(found, context);
  if (candidates.length < count) {
    throw tooFew(found, desired);
  }
  const onQueued = (runs: number): void => showQueue(context, runs);
  const instanceIds = await context.instances.acquireSome(nodeId, { candidates, count, onBusy, signal, onQueued });
  context.throwIfSkipped(instanceIds);
  return instanceIds;
}

/** The instances that the run may take, in the order of preference: without those that it has, and those that could not be started. */
export async function candidatesOf(found: readonly InstanceState[], context: StepContext): Promise<string[]> {
  const { byPreference } = await import("../../services/ec2/by-preference.ts");
  const taken = new Set([...(leasedIds(context) ?? []), ...unstartable(context)]);
  return byPreference(found).filter((id) => !taken.has(id));
}

/** The instances that this step has tried to start in vain. */
export function unstartable({ checkpoint }: StepContext): string[] {
  return idsOf(checkpoint, "unstartable") ?? [];
}

/** The instances of an earlier call, or of a previous process; undefined before the first lease. */
function leasedIds({ checkpoint }: StepContext): string[] | undefined {
  return checkpoint.leased === true ? idsOf(checkpoint, "instanceIds") : undefined;
}

function showQueue(context: StepContext, runs: number): void {
  context.progress({
    ...{ state: "queued", message: `runs ahead: ${runs}` },
    doing: { key: "queued", values: { runs } },
  });
  context.status.show("waiting", "queued", { runs });
}

function tooFew(found: readonly InstanceState[], desired = 0): PipelineError {
  const ids = found.map(({ instanceId }) => instanceId);
  return new PipelineError(
    "EC2_INSTANCE_NOT_FOUND",
    `${desired} instances are wanted, but only ${ids.length} with these tags can be used: ${ids.join(", ")}. Launch more of them, or reduce the desired number.`,
    { details: { instanceIds: ids, desired } },
  );
}

/** Called before the first start request: afterwards, an instance that the step has started can't be told from one that was running before. */
export async function saveFound(
  context: StepContext,
  states: readonly InstanceState[],
  more: { readonly account: string; readonly onRemoved: "stop" | "keep"; readonly stopPlanned: boolean },
): Promise<void> {
  const known = leasedIds(context) ?? [];
  const foundRunning = states
    .filter(({ instanceId, state }) => state === "running" && !known.includes(instanceId))
    .map(({ instanceId }) => instanceId)
    .filter((id) => !context.instances.isStartedByRun(id));
  const earlier = known.length > 0 ? (idsOf(context.checkpoint, "foundRunning") ?? []) : [];
  await context.saveIntent({
    instanceIds: states.map(({ instanceId }) => instanceId),
    leased: true,
    foundRunning: [...earlier, ...foundRunning],
    // It may have stopped since, and is started again now.
    stoppedAt: undefined,
    ...more,
  });
}
