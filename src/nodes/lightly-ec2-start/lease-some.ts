import { PipelineError } from "../../errors/pipeline-error.ts";
import type { OnBusy } from "../../instances/leases.ts";
import { type Clock, systemClock } from "../../polling/clock.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import { idsOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";

export interface LeaseSomeOptions {
  /** Describes the instances of the pool. */
  readonly find: () => Promise<InstanceState[]>;
  /** How many are missing. */
  readonly count: number;
  /** How many the step wants in all. */
  readonly desired: number;
  readonly onBusy: OnBusy;
  readonly pollMs: number;
  /** Receives the number of runs ahead. */
  readonly onQueued: (runs: number) => void;
  readonly clock?: Clock;
}

/** The number of polls between two look-ups of the pool while a run waits for instances: a minute if polled twice a second. */
const POLLS_PER_LOOK = 120;

/**
 * Resolves with instances of a pool, when as many as are wanted are free. A run may wait for hours, in which instances are terminated and
 * launched: the next run of the queue repeats the look-up, and each run looks once more after its wait.
 *
 * @throws PipelineError `EC2_INSTANCE_NOT_FOUND` (too few), `EC2_INSTANCE_BUSY` (only with `fail`), `EC2_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function leaseSome(context: StepContext, options: LeaseSomeOptions): Promise<string[]> {
  const { find, count, desired } = options;
  for (;;) {
    const found = await find();
    const candidates = await candidatesOf(found, context);
    if (candidates.length < count) {
      throw tooFew(found, desired);
    }
    const { instanceIds, hasWaited } = await acquire(candidates, context, options);
    const gone = hasWaited ? missing(instanceIds, await find().catch(() => undefined)) : [];
    if (gone.length === 0) {
      context.throwIfSkipped(instanceIds);
      return instanceIds;
    }
    context.instances.release(instanceIds);
    for (const id of gone) {
      context.instances.giveUp(id);
    }
  }
}

/** The instances that the run may take, in the order of preference: without those that it has, and those that could not be started. */
export async function candidatesOf(found: readonly InstanceState[], context: StepContext): Promise<string[]> {
  const { byPreference } = await import("../../services/ec2/by-preference.ts");
  const taken = new Set([...(leasedIds(context) ?? []), ...unstartable(context)]);
  return byPreference(found).filter((id) => !taken.has(id));
}

/** The instances of an earlier call, or of a previous process; undefined before the first lease. */
export function leasedIds({ checkpoint }: StepContext): string[] | undefined {
  return checkpoint.leased === true ? idsOf(checkpoint, "instanceIds") : undefined;
}

/** The instances that this step could not start. */
export function unstartable({ checkpoint }: StepContext): string[] {
  return idsOf(checkpoint, "unstartable") ?? [];
}

async function acquire(
  first: readonly string[],
  context: StepContext,
  options: LeaseSomeOptions,
): Promise<{ readonly instanceIds: string[]; readonly hasWaited: boolean }> {
  const { nodeId, signal, instances } = context;
  const { count, onBusy, onQueued } = options;
  const over = new AbortController();
  let candidates = first;
  let hasWaited = false;
  try {
    const instanceIds = await instances.acquireSome(nodeId, {
      ...{ count, onBusy, signal },
      get candidates() {
        return candidates;
      },
      onQueued: (runs) => {
        hasWaited = true;
        onQueued(runs);
        void lookAgain(context, options, over.signal, (found) => {
          candidates = found;
        });
      },
    });
    return { instanceIds, hasWaited };
  } finally {
    over.abort();
  }
}

/** Looks for the instances of the pool until the run has some. Never rejects. */
async function lookAgain(
  context: StepContext,
  { find, count, pollMs, clock = systemClock }: LeaseSomeOptions,
  over: AbortSignal,
  onFound: (candidates: readonly string[]) => void,
): Promise<void> {
  const { instances } = context;
  while (!over.aborted) {
    await clock.sleep(pollMs * POLLS_PER_LOOK, over).catch(() => undefined);
    if (!over.aborted && instances.isNextOfPool()) {
      const found = await find()
        .then((states) => candidatesOf(states, context))
        .catch(() => []);
      // With too few, a user may be about to launch others.
      if (!over.aborted && found.length >= count) {
        onFound(found);
        instances.recheckPools();
      }
    }
  }
}

function missing(instanceIds: readonly string[], found: readonly InstanceState[] | undefined): string[] {
  return found === undefined ? [] : instanceIds.filter((id) => !found.some(({ instanceId }) => instanceId === id));
}

function tooFew(found: readonly InstanceState[], desired: number): PipelineError {
  const ids = found.map(({ instanceId }) => instanceId);
  return new PipelineError(
    "EC2_INSTANCE_NOT_FOUND",
    `${desired} instances are wanted, but only ${ids.length} with these tags can be used: ${ids.join(", ")}. Launch more of them, or reduce the desired number.`,
    { details: { instanceIds: ids, desired } },
  );
}
