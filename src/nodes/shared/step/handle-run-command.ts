import { PipelineError } from "../../../errors/pipeline-error.ts";
import { runs } from "../../../runs/run-registry.ts";
import type { Message } from "../node-red.ts";
import { runIdIn } from "./messages/message-ids.ts";

/**
 * Handles a message that is a command about a run: `msg.abort` or `msg.retry` is true, and `msg.runId` names the run. Any step accepts it,
 * and does not send it.
 *
 * @returns undefined if the message is not a command; otherwise a promise that resolves when the command is on disk, and rejects with
 *   PipelineError `INPUT_INVALID` (without a run id), `RUN_NOT_FOUND`, `RUN_NOT_ABORTABLE`, `RUN_NOT_RETRYABLE` or
 *   `JOURNAL_WRITE_FAILED` (done, but not on disk)
 */
export function handleRunCommand({ abort, retry, runId }: Message): Promise<unknown> | undefined {
  if (abort !== true && retry !== true) {
    return undefined;
  }
  return abort === true
    ? handleCommand("abort", runId, (id) => runs.abort(id, "a message with msg.abort requested it."))
    : handleCommand("retry", runId, (id) => runs.retry(id));
}

async function handleCommand(
  which: string,
  named: unknown,
  command: (runId: string) => Promise<unknown>,
): Promise<unknown> {
  const runId = runIdIn(named);
  if (runId === undefined) {
    throw new PipelineError(
      "INPUT_INVALID",
      `A message with msg.${which} must name the run in msg.runId, but that is ${named === undefined ? "missing" : "not a string or number"}.`,
      { details: { field: "runId" } },
    );
  }
  return await command(runId);
}
