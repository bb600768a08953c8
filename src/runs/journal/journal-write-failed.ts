import { PipelineError } from "../../errors/pipeline-error.ts";
import type { Refusal } from "./run-file.ts";

/**
 * The error of what must not be done, or was done but would be forgotten, since the disk does not take the run.
 *
 * @param what - "... has begun nothing", for example
 */
export function journalWriteFailed({ why, folder }: Refusal, runId: string, what: string): PipelineError {
  return new PipelineError(
    "JOURNAL_WRITE_FAILED",
    `${what}: the run ${runId} can't be recorded in ${folder} (${why}), so that a restart would not know of it. Make room, or give Node-RED the right to write there, then start the run again; lightlyAwsRunsDir in settings.js names another folder.`,
    { retryable: true, details: { runId, folder, why } },
  );
}
