import type { ErrorCode } from "../../errors/error-codes.ts";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import type { RecordedError } from "../../runs/records/run-record.ts";
import type { Step } from "../../runs/steps/step.ts";

/** Why a try of a step no longer waits for its run, and whether that is canceled. */
export interface GivenUp extends RecordedError {
  readonly attempt: number;
  readonly retryable: boolean;
  readonly isCanceled?: boolean;
}

/** What is put on record before a scheduled run is canceled because of a failure. */
export function failureOf(reason: unknown, step: Step): GivenUp {
  const { code, message, details, retryable } = toPipelineError(reason);
  return { code, message, details, retryable, attempt: step.record.attempt ?? 1 };
}

/** The failure of this very try, when Node-RED ended while it cleared up. */
export function givenUpBefore(step: Step): PipelineError | undefined {
  const givenUp = step.checkpointed.givenUp as GivenUp | undefined;
  if (givenUp?.attempt !== (step.record.attempt ?? 1)) {
    return undefined;
  }
  const { code, message, details, retryable } = givenUp;
  return new PipelineError(code as ErrorCode, message, { details, retryable });
}

/** A further try is not to wait for what an earlier one has canceled. */
export async function forgetGivenUp(step: Step): Promise<void> {
  const givenUp = step.checkpointed.givenUp as GivenUp | undefined;
  if (givenUp && givenUp.attempt !== (step.record.attempt ?? 1)) {
    const gone = givenUp.isCanceled ? { configId: undefined, scheduledRunId: undefined } : {};
    await step.checkpoint({ ...gone, givenUp: undefined });
  }
}
