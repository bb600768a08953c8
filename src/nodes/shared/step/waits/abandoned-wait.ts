import type { ErrorCode } from "../../../../errors/error-codes.ts";
import { PipelineError, toPipelineError } from "../../../../errors/pipeline-error.ts";
import type { RecordedError } from "../../../../records/run-record.ts";
import type { StepContext } from "../step-context.ts";

/** Why an attempt of a step has stopped waiting for its remote work, and whether that work was canceled. */
export interface Abandonment extends RecordedError {
  readonly attempt: number;
  readonly retryable: boolean;
  readonly isCanceled?: boolean;
}

/** The checkpoint that is saved before remote work is canceled because of a failure. */
export function abandonment(reason: unknown, { attempt }: StepContext): Abandonment {
  const { code, message, details, retryable } = toPipelineError(reason);
  return { code, message, details, retryable, attempt };
}

/** The failure of the current attempt, if Node-RED ended while it canceled the work. */
export function earlierFailure({ checkpoint, attempt }: StepContext): PipelineError | undefined {
  const abandoned = checkpoint.abandoned as Abandonment | undefined;
  if (abandoned?.attempt !== attempt) {
    return undefined;
  }
  const { code, message, details, retryable } = abandoned;
  return new PipelineError(code as ErrorCode, message, { details, retryable });
}

/**
 * Removes the ids of the work that an earlier attempt has abandoned: this attempt must not wait for canceled work.
 *
 * @param ids - the names of the ids in the checkpoint
 */
export async function forgetAbandoned(context: StepContext, ids: readonly string[]): Promise<void> {
  const abandoned = context.checkpoint.abandoned as Abandonment | undefined;
  if (abandoned && abandoned.attempt !== context.attempt) {
    const canceled = abandoned.isCanceled ? ids.map((id) => [id, undefined] as const) : [];
    await context.saveCheckpoint({ ...Object.fromEntries(canceled), abandoned: undefined });
  }
}
