import type { EC2Client } from "@aws-sdk/client-ec2";
import type { OnBusy } from "../../instances/leases.ts";
import { type InstanceSelector, parseInstanceIds } from "../../services/ec2/instance-selector.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import { idsOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { START_POLL_MS } from "../shared/step/waits/waiting.ts";
import { leasedIds, leaseSome } from "./lease-some.ts";
import { requireWithinCommandLimit } from "./within-command-limit.ts";

/** Which instances a run wants, and what it does if other runs use them. */
export interface Wanted {
  readonly select: InstanceSelector;
  /** How many of those that match; undefined: all of them. */
  readonly desired?: number | undefined;
  readonly onBusy: OnBusy;
  /** The poll interval of the form. */
  readonly pollMs?: number | undefined;
}

/**
 * Resolves with the instances that the run may use. A lease of a previous process is still valid.
 *
 * @throws PipelineError `INPUT_INVALID` if they are more than a script after this step takes; `EC2_*`, `AWS_*`, `ABORTED`
 */
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
  const find = (): Promise<InstanceState[]> => findInstances(ec2, select, signal);
  const onQueued = (runs: number): void => showQueue(context, runs);
  if (desired !== undefined) {
    const count = desired - (known?.length ?? 0);
    const pollMs = wanted.pollMs ?? START_POLL_MS;
    return [...(known ?? []), ...(await leaseSome(context, { find, count, desired, onBusy, pollMs, onQueued }))];
  }
  // A run's own ids are described by the start: a state from before the lease may be that of a run that has just ended.
  const instanceIds =
    "ids" in select ? parseInstanceIds(select.ids) : (await find()).map(({ instanceId }) => instanceId);
  requireWithinCommandLimit(context, instanceIds.length);
  context.throwIfSkipped(instanceIds);
  await acquireAll(instanceIds, { check: "ids" in select ? find : undefined, onBusy, onQueued }, context);
  context.throwIfSkipped(instanceIds);
  return instanceIds;
}

/** A wrong id shows before the wait for the instances, which may take hours. */
async function acquireAll(
  instanceIds: readonly string[],
  how: Pick<Wanted, "onBusy"> & {
    readonly check: (() => Promise<unknown>) | undefined;
    readonly onQueued: (runs: number) => void;
  },
  context: StepContext,
): Promise<void> {
  const failed = new AbortController();
  let isChecked = false;
  const onQueued = (runs: number): void => {
    how.onQueued(runs);
    if (!isChecked) {
      isChecked = true;
      how.check?.().catch((error: unknown) => failed.abort(error));
    }
  };
  const { nodeId, instances } = context;
  const signal = AbortSignal.any([context.signal, failed.signal]);
  try {
    await instances.acquire({ instanceIds, onBusy: how.onBusy, nodeId, signal, onQueued });
  } catch (error) {
    failed.signal.throwIfAborted();
    throw error;
  }
}

function showQueue(context: StepContext, runs: number): void {
  context.progress({
    ...{ state: "queued", message: `runs ahead: ${runs}` },
    doing: { key: "queued", values: { runs } },
  });
  context.status.show("waiting", "queued", { runs });
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
