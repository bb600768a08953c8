import type { StartMemory } from "../../services/ec2/start-waits.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { savedWait } from "../shared/step/waits/saved-wait.ts";

/** Keeps the waits of a start in the checkpoint of its step. Another attempt of the step has other waits. */
export function startMemory(context: StepContext): StartMemory {
  const { attempt } = context;
  return {
    start: savedWait(context, "startWait", { attempt }),
    capacity: savedWait(context, "capacityWait", { attempt }),
  };
}

/** The change of the checkpoint when other instances are started next, or the same ones once more. */
export const NO_WAITS = { startWait: undefined, capacityWait: undefined } as const;
