import type { JobWait, WaitMemory } from "../../services/batch/waiting/wait-time.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/** A wait in the checkpoint of a step. */
interface SavedWait extends JobWait {
  readonly jobId: string;
  /** How long the step had been running when it began, in milliseconds: unlike the date, this goes on over restarts. */
  readonly stepMs: number;
}

/** Keeps the wait of a job in the checkpoint of its step, so that its limit counts the time before a restart. */
export function waitMemory(context: StepContext, jobId: string): WaitMemory {
  const saved = context.checkpoint.jobWait as SavedWait | undefined;
  const waitedMs = context.elapsedMs - Number(saved?.stepMs);
  return {
    ...(saved?.jobId === jobId && waitedMs >= 0 && { earlier: { goal: saved.goal, ended: saved.ended, waitedMs } }),
    save: (wait) => {
      // The journal retries what it can't write: the wait goes on meanwhile.
      void context.saveCheckpoint({ jobWait: wait && { ...wait, jobId, stepMs: Math.round(context.elapsedMs) } });
    },
  };
}
