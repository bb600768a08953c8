import { abortedError, PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { systemClock } from "../../polling/clock.ts";
import { growingDelay } from "../../polling/delay.ts";
import { sleepOrAbort } from "../../polling/sleep-or-abort.ts";
import type { StepDef } from "./node-red.ts";
import type { StepContext, StepNodeOptions } from "./step-options.ts";

/** How a step's work on a message ended; an error is for Catch. */
export type Outcome = "completed" | "dropped" | PipelineError;

const MAX_PAUSE_MS = 300_000;

/** Never rejects, since Node-RED ends the whole process on a rejection that nobody handles. */
export async function work(options: StepNodeOptions, def: StepDef, context: StepContext): Promise<Outcome> {
  const { step, status } = context;
  // What an earlier life, or try, has begun may not be found again yet when the step is aborted.
  const isLater = (): boolean => step.record.resumed !== undefined || step.record.attempt !== undefined;
  let isTakenBack = false;
  try {
    if (step.signal.aborted && isLater()) {
      isTakenBack = true;
      await takeBack(options, context);
    }
    step.signal.throwIfAborted();
    status.show("working", step.record.resumed === undefined ? "working" : "resuming");
    await step.isKept();
    step.complete(await tried(options, def, context));
    return "completed";
  } catch (thrown) {
    const error = explained(toPipelineError(thrown), context);
    // A run that the disk does not take does not go on, either: nothing would ever come back to what an earlier life has begun.
    const isGivenUp = (error.isAbort && step.signal.aborted) || error.code === "JOURNAL_WRITE_FAILED";
    if (isGivenUp && isLater() && !isTakenBack && !step.isClosed) {
      await takeBack(options, context);
    }
    // Two branches that wait for the same thing fail in the same moment: one of them is the failure of the run.
    if (step.signal.aborted && (error.isAbort || step.abortCause === "sibling failed")) {
      return endAborted(context, error.isAbort ? error : abortedError(step.signal.reason));
    }
    if (!error.isReported) {
      context.handOnError();
    }
    step.fail(error);
    status.showText("failed", error.code);
    return error.isReported ? "dropped" : error;
  }
}

/** After a restart, what a message lacks may be what the journal could not keep. */
function explained(error: PipelineError, { step }: StepContext): PipelineError {
  if (error.code !== "INPUT_INVALID" || step.record.resumed === undefined || step.received.lost.length === 0) {
    return error;
  }
  return new PipelineError(
    "RESUME_IMPOSSIBLE",
    `${step.record.name} can't go on after the restart: of its message this was not kept: ${step.received.lost.join(", ")}. Start the run anew. ${error.message}`,
    { details: { ...error.details, lost: step.received.lost }, cause: error },
  );
}

/** The run has failed already: what can't be taken back is warned of. */
async function takeBack(options: StepNodeOptions, context: StepContext): Promise<void> {
  try {
    await options.takeBack?.(context);
  } catch (error) {
    context.warn(
      `What ${context.step.record.name} had begun could not be taken back: ${toPipelineError(error).message}`,
    );
  }
}

/** Does the work, again and again if the form says so and the error may pass; what an earlier try has begun is in the checkpoint. */
async function tried(
  { handle }: StepNodeOptions,
  def: StepDef,
  context: StepContext,
): Promise<Readonly<Record<string, unknown>>> {
  const { step, status } = context;
  const retries = Number(def.retries) || 0;
  const pause = growingDelay({ firstMs: (Number(def.retrySeconds) || 10) * 1000, limitMs: MAX_PAUSE_MS });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await handle(context);
    } catch (thrown) {
      const error = toPipelineError(thrown);
      if (!error.retryable || attempt > retries || step.signal.aborted) {
        throw error;
      }
      const pauseMs = pause(attempt);
      step.retrying(attempt + 1, error.message);
      status.show("waiting", "retrying", { attempt: attempt + 1, seconds: Math.round(pauseMs / 1000) });
      await sleepOrAbort(systemClock, pauseMs, step.signal);
    }
  }
}

/** After a close the status line belongs to the node's successor; a user who aborts wants the flow's Catch to clean up. */
function endAborted({ step, status, handOnError }: StepContext, error: PipelineError): Outcome {
  const isForCatch = step.abortCause === "canceled" && step.record.state === "working";
  if (isForCatch) {
    handOnError();
  }
  step.drop(error);
  if (step.abortCause === "canceled" || step.abortCause === "sibling failed") {
    status.show("aborted", "aborted");
  } else if (step.abortCause === "skipped") {
    status.show("aborted", "skipped");
    step.log(error.message);
  }
  return isForCatch ? error : "dropped";
}
