import type { PipelineError } from "../../errors/pipeline-error.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/** Saves that the command of this attempt has failed: a further attempt sends another one. Returns the error. */
export async function failedWith(context: StepContext, error: PipelineError): Promise<PipelineError> {
  await context.saveCheckpoint({ failedAttempt: context.attempt });
  return error;
}

/** Removes the ids of the command of an attempt that has failed. */
export async function forgetFailed(context: StepContext): Promise<void> {
  const { failedAttempt } = context.checkpoint;
  if (typeof failedAttempt === "number" && failedAttempt !== context.attempt) {
    await context.saveCheckpoint({
      failedAttempt: undefined,
      commandId: undefined,
      marker: undefined,
      markedAt: undefined,
      sentMs: undefined,
      instanceIds: undefined,
    });
  }
}
