import type { WaitMemory } from "../../../../polling/wait-memory.ts";
import type { StepContext } from "../step-context.ts";

/** By what a wait is recognized after a restart. */
type Facts = Readonly<Record<string, string | number>>;

/**
 * Keeps a wait in the checkpoint of its step, so that its limit counts the time before a restart. The wait goes on if its facts are the
 * same as before.
 *
 * @param name - of the member of the checkpoint
 * @param facts - what the wait belongs to, such as the id of a job or the attempt of the step
 */
export function savedWait<T extends object>(context: StepContext, name: string, facts: Facts): WaitMemory<T> {
  const saved = context.checkpoint[name] as (T & Facts) | undefined;
  const waitedMs = waitedSince(context, saved?.stepMs);
  const isSame = saved !== undefined && Object.entries(facts).every(([key, value]) => saved[key] === value);
  return {
    earlier: isSame && waitedMs !== undefined ? { ...saved, waitedMs } : undefined,
    save: (wait) => {
      // The journal retries what it can't write: the wait goes on meanwhile.
      void context.saveCheckpoint({ [name]: wait && { ...wait, ...facts, stepMs: stepMs(context) } });
    },
  };
}

/** How long the step has been running, for a checkpoint, in milliseconds: unlike the date, this goes on over restarts. */
export function stepMs({ elapsedMs }: StepContext): number {
  return Math.round(elapsedMs);
}

/** The time since a moment that {@link stepMs} has returned, in milliseconds; undefined if there is none. */
export function waitedSince({ elapsedMs }: StepContext, since: unknown): number | undefined {
  const waitedMs = typeof since === "number" ? elapsedMs - since : -1;
  // The date of a previous process may have been ahead.
  return waitedMs >= 0 ? waitedMs : undefined;
}
