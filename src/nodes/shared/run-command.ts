import { PipelineError } from "../../errors/pipeline-error.ts";
import { runs } from "../../runs/run-registry.ts";
import type { Message } from "./node-red.ts";

/**
 * A message may be a command about a run rather than work: `msg.abort` or `msg.retry` is true, and `msg.runId` names the run. Any
 * step takes it, and it goes no further.
 *
 * @returns whether it was one
 * @throws PipelineError `INPUT_INVALID` (no run is named), `RUN_NOT_FOUND`, `RUN_NOT_ABORTABLE`, `RUN_NOT_RETRYABLE`
 */
export function obeyRunCommand({ abort, retry, runId }: Message): boolean {
  if (abort !== true && retry !== true) {
    return false;
  }
  if (typeof runId !== "string" || runId.trim() === "") {
    const which = abort === true ? "abort" : "retry";
    throw new PipelineError(
      "INPUT_INVALID",
      `A message with msg.${which} must name the run in msg.runId, but that is missing.`,
      { details: { field: "runId" } },
    );
  }
  if (abort === true) {
    runs.abort(runId.trim(), "a message with msg.abort asked for it.");
  } else {
    runs.retry(runId.trim());
  }
  return true;
}
