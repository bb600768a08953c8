import { toPipelineError } from "../../errors/pipeline-error.ts";
import type { Clock } from "../../polling/clock.ts";
import { alignedDelay } from "../../polling/delay.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import type { InstanceControl } from "./instance-control.ts";

/** So many of the shortest pauses are between two looks at an instance that is on and stays on: 30 s for one of 5 s. */
const POLLS_PER_LOOK = 6;
/** EC2 may forget an instance for a moment; one that it does not know for so many looks in a row is gone. */
const UNKNOWN_LOOKS = 2;

/**
 * Looks at an instance that a run uses, on a slow beat that all watched instances share, so that their looks become one request.
 * What can't be read is no news: the next look may say more.
 *
 * @returns the state that takes it away from the run; undefined at the signal. Never rejects.
 */
export async function watchInstance({
  instanceId,
  control,
  clock,
  signal,
}: {
  readonly instanceId: string;
  readonly control: InstanceControl;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<InstanceState | undefined> {
  const beat = alignedDelay(control.pollMs * POLLS_PER_LOOK, clock);
  let unknown = 0;
  while (!signal.aborted) {
    try {
      await clock.sleep(beat(Number.MAX_SAFE_INTEGER), signal);
      const state = await control.look(instanceId, signal);
      unknown = 0;
      if (state.state !== "running" && state.state !== "pending") {
        return state;
      }
    } catch (error) {
      unknown = toPipelineError(error).code === "EC2_INSTANCE_NOT_FOUND" ? unknown + 1 : 0;
      if (unknown >= UNKNOWN_LOOKS) {
        return { instanceId, state: "terminated", reason: "EC2 no longer knows the instance." };
      }
    }
  }
  return undefined;
}
