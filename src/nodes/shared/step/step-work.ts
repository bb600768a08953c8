import { abortedError, PipelineError, toPipelineError } from "../../../errors/pipeline-error.ts";
import { retryFields } from "../../../fields/retries.ts";
import { systemClock } from "../../../polling/clock.ts";
import { growingDelay } from "../../../polling/delay.ts";
import { sleepOrAbort } from "../../../polling/sleep-or-abort.ts";
import type { Step } from "../../../runs/steps/step.ts";
import { type CountedService, countingRequests } from "../../../services/request-counts.ts";
import type { StepContext } from "./step-context.ts";
import type { StepHandler } from "./step-handler.ts";

/** The end of a node's work on a message. An error is sent to Catch. */
export type StepResult = "completed" | "dropped" | PipelineError;

const MAX_PAUSE_MS = 300_000;

/** Calls the handler and ends the step. Never rejects, because Node-RED ends the process on an unhandled rejection. */
export async function work(handler: StepHandler, step: Step, context: StepContext): Promise<StepResult> {
  const { status } = context;
  // An earlier attempt may have started remote work, which must be canceled if the step is aborted.
  const isRepeated = (): boolean => step.record.resumeCount !== undefined || step.record.attempt !== undefined;
  let isUndone = false;
  try {
    if (step.signal.aborted && isRepeated()) {
      isUndone = true;
      await undo(handler, context);
    }
    step.signal.throwIfAborted();
    status.show("working", step.record.resumeCount === undefined ? "working" : "resuming");
    await step.ensureSaved();
    const result = await handleWithRetries(handler, step, context);
    if (context.failure) {
      step.failWithResult(context.failure, result);
    } else {
      step.complete(result);
    }
    return "completed";
  } catch (thrown) {
    const error = explainMissing(toPipelineError(thrown), step);
    // No step follows the remote work of an earlier attempt any longer if the run can't be saved, or the step can't be resumed.
    const isLost = error.code === "JOURNAL_WRITE_FAILED" || error.code === "RESUME_IMPOSSIBLE";
    const isEnded = (error.isAbort && step.signal.aborted) || isLost;
    if (isEnded && isRepeated() && !isUndone && !step.isClosed) {
      await undo(handler, context);
    }
    // Two branches that wait for the same thing fail at the same time: only one of them is the failure of the run.
    if (step.signal.aborted && (error.isAbort || step.abortCause === "sibling failed")) {
      return endAborted(step, context, error.isAbort ? error : abortedError(step.signal.reason));
    }
    if (!error.isReported) {
      context.recordSendToCatch();
    }
    step.fail(error);
    status.showText("failed", error.code);
    return error.isReported ? "dropped" : error;
  }
}

/** After a restart, an input of a step may be missing because the journal could not store it. */
function explainMissing(error: PipelineError, { record, received: { missing } }: Step): PipelineError {
  if (error.code !== "INPUT_INVALID" || record.resumeCount === undefined || missing.length === 0) {
    return error;
  }
  return new PipelineError(
    "RESUME_IMPOSSIBLE",
    `${record.name} can't be resumed. Not restored from the journal: ${missing.join(", ")}. Start the run again. ${error.message}`,
    { details: { ...error.details, missing }, cause: error },
  );
}

/** Cancels the remote work of the step. The run has already failed, so an error is only a warning. */
async function undo(handler: StepHandler, context: StepContext): Promise<void> {
  try {
    await handler.undo?.(context);
  } catch (error) {
    context.warn(`The remote work of ${context.name} could not be canceled: ${toPipelineError(error).message}`);
  }
}

/** Counts the requests of a step in its record. They are saved with its next change. */
function countIn({ record }: Step): (service: CountedService) => void {
  return (service) => {
    record.requests = { ...record.requests, [service]: (record.requests?.[service] ?? 0) + 1 };
  };
}

/** Calls the handler again after a retryable error, if the form says so. The checkpoint has what an earlier attempt has started. */
async function handleWithRetries(
  { handle }: StepHandler,
  step: Step,
  context: StepContext,
): Promise<Readonly<Record<string, unknown>>> {
  const { retries, retryMs } = await context.inputs.read(retryFields, "retries", "retrySeconds");
  const pause = growingDelay({ firstMs: retryMs, limitMs: MAX_PAUSE_MS });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await countingRequests(countIn(step), () => handle(context));
    } catch (thrown) {
      const error = toPipelineError(thrown);
      if (!error.retryable || attempt > retries || step.signal.aborted) {
        throw error;
      }
      const pauseMs = pause(attempt);
      step.retrying(attempt + 1, error.message);
      context.status.show("waiting", "retrying", { attempt: attempt + 1, seconds: Math.round(pauseMs / 1000) });
      await sleepOrAbort(systemClock, pauseMs, step.signal);
    }
  }
}

/** After a close, the status belongs to the node's successor. If a user aborts, Catch is informed, so that the flow can clean up. */
function endAborted(step: Step, context: StepContext, error: PipelineError): StepResult {
  const isForCatch = step.abortCause === "canceled" && step.record.state === "running";
  if (isForCatch) {
    context.recordSendToCatch();
  }
  step.drop(error);
  if (step.abortCause === "canceled" || step.abortCause === "sibling failed") {
    context.status.show("aborted", "aborted");
  } else if (step.abortCause === "skipped") {
    context.status.show("aborted", "skipped");
    step.log([error.message]);
  }
  return isForCatch ? error : "dropped";
}
