import { PipelineError } from "../../errors/pipeline-error.ts";
import { runs } from "../../runs/run-registry.ts";
import { runIdIn } from "./message-ids.ts";
import type { Message } from "./node-red.ts";

/**
 * A message may be a command about a run rather than work: `msg.abort` or `msg.retry` is true, and `msg.runId` names the run. Any
 * step takes it, and it goes no further.
 *
 * @returns whether it was one
 * @throws PipelineError `INPUT_INVALID` (no run is named), `RUN_NOT_FOUND`, `RUN_NOT_ABORTABLE`, `RUN_NOT_RETRYABLE`
 */
export function obeyRunCommand({ abort, retry, runId: named }: Message): boolean {
  if (abort !== true && retry !== true) {
    return false;
  }
  const runId = runIdIn(named);
  if (runId === undefined) {
    const which = abort === true ? "abort" : "retry";
    throw new PipelineError(
      "INPUT_INVALID",
      `A message with msg.${which} must name the run in msg.runId, but that is ${named === undefined ? "missing" : "no text or number"}.`,
      { details: { field: "runId" } },
    );
  }
  if (abort === true) {
    runs.abort(runId, "a message with msg.abort asked for it.");
  } else {
    runs.retry(runId);
  }
  return true;
}
