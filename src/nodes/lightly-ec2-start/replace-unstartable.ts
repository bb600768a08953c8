import { type PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import { idsOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { candidatesOf, unstartable } from "./lease-some.ts";
import { NO_WAITS } from "./start-memory.ts";

/** Errors of one instance that another one may not have. */
const OF_ONE_INSTANCE: ReadonlySet<string> = new Set([
  "EC2_NO_CAPACITY",
  "EC2_INSTANCE_TERMINATED",
  "EC2_SPOT_UNAVAILABLE",
]);

/** Starts instances, with this time for a lack of capacity in milliseconds. */
type Start<T> = (capacityTimeoutMs: number) => Promise<T>;

/**
 * Starts a number of instances of a pool. One that can't be started is replaced by another one that no run uses. Only when there is none,
 * the start waits for capacity.
 *
 * @param start - leases as many as are missing, and starts all
 * @param find - describes the instances of the pool
 */
export async function startWithReplacements<T>(
  context: StepContext,
  options: {
    readonly capacityTimeoutMs: number;
    readonly start: Start<T>;
    readonly find: () => Promise<InstanceState[]>;
  },
): Promise<T> {
  let capacityTimeoutMs = 0;
  for (;;) {
    try {
      return await options.start(capacityTimeoutMs);
    } catch (thrown) {
      const error = toPipelineError(thrown);
      const instanceId = await unusable(error, options.find, context);
      if (instanceId === undefined) {
        throw error;
      }
      const spares = (await candidatesOf(await options.find(), context)).filter(
        (id) => context.instances.neededByOthers(id).length === 0,
      );
      if (spares.length > 0) {
        context.warn(`${error.message} Another instance is started instead of ${instanceId}.`);
        await replace(instanceId, context);
      } else if (error.code === "EC2_NO_CAPACITY" && capacityTimeoutMs < options.capacityTimeoutMs) {
        capacityTimeoutMs = options.capacityTimeoutMs;
      } else {
        throw error;
      }
    }
  }
}

/** The instance of the step that an error is about. EC2 forgets a terminated instance after an hour, and then does not know its id. */
async function unusable(
  { code, details }: PipelineError,
  find: () => Promise<InstanceState[]>,
  context: StepContext,
): Promise<string | undefined> {
  if (code === "EC2_INSTANCE_NOT_FOUND") {
    const found = new Set((await find().catch(() => [])).map(({ instanceId }) => instanceId));
    return found.size === 0 ? undefined : idsOf(context.checkpoint, "instanceIds")?.find((id) => !found.has(id));
  }
  return OF_ONE_INSTANCE.has(code) && typeof details.instanceId === "string" ? details.instanceId : undefined;
}

/** The step no longer counts on an instance. The next start takes another one. */
async function replace(instanceId: string, context: StepContext): Promise<void> {
  const left = (idsOf(context.checkpoint, "instanceIds") ?? []).filter((id) => id !== instanceId);
  context.instances.giveUp(instanceId);
  await context.saveIntent({ instanceIds: left, unstartable: [...unstartable(context), instanceId], ...NO_WAITS });
}
