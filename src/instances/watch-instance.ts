import { toPipelineError } from "../errors/pipeline-error.ts";
import type { Clock } from "../polling/clock.ts";
import { alignedDelay } from "../polling/delay.ts";
import type { InstanceState } from "../services/ec2/instance-state.ts";
import type { InstanceControl } from "./instance-control.ts";

/** A running instance is checked at this multiple of the poll interval: every 30 s for one of 5 s. */
const POLLS_PER_CHECK = 6;
/** EC2 may not know an instance for a moment. After this many consecutive checks, an unknown instance counts as terminated. */
const MAX_UNKNOWN_CHECKS = 2;

/**
 * Watches an instance that a run uses. All watched instances share the interval, so that their checks become one request. A failed check
 * is ignored: the next one may succeed.
 *
 * @returns the state in which the run has lost the instance; undefined when aborted. Never rejects.
 */
export async function watchInstance(
  instanceId: string,
  control: InstanceControl,
  clock: Clock,
  signal: AbortSignal,
): Promise<InstanceState | undefined> {
  const everyMs = control.pollMs * POLLS_PER_CHECK;
  const delay = alignedDelay(everyMs, clock);
  let unknown = 0;
  while (!signal.aborted) {
    try {
      await clock.sleep(delay(Number.MAX_SAFE_INTEGER), signal);
      const state = await control.describe(instanceId, signal, everyMs);
      unknown = 0;
      if (isLost(state)) {
        return state;
      }
    } catch (error) {
      unknown = toPipelineError(error).code === "EC2_INSTANCE_NOT_FOUND" ? unknown + 1 : 0;
      if (unknown >= MAX_UNKNOWN_CHECKS) {
        return { instanceId, state: "terminated", reason: "EC2 no longer knows the instance." };
      }
    }
  }
  return undefined;
}

/** Whether an instance that a run uses is no longer available to it. */
export function isLost({ state }: InstanceState): boolean {
  return state !== "running" && state !== "pending";
}
