import type { BatchCore } from "../batch-core.ts";
import type { terminateJob } from "../jobs/end-jobs.ts";
import { clientError, type JsonObject, neededText, textList } from "./fields.ts";

/** `terminateJob` or `cancelJob`. */
type End = typeof terminateJob;

const MAX_REASON_CHARACTERS = 1024;
const MAX_JOBS = 50;

/** TerminateJob and CancelJob. The response has no body; an unknown id is success. */
export function endJob(core: BatchCore, from: JsonObject, end: End): undefined {
  const job = core.book.find(neededText(from, "jobId"));
  const reason = reasonOf(from);
  if (job !== undefined) {
    end(core, job, reason);
  }
}

/** TerminateJobs and CancelJobs; an unknown id is success. */
export function endJobs(core: BatchCore, from: JsonObject, end: End): JsonObject {
  const ids = textList(from, "jobs");
  if (ids.length === 0 || ids.length > MAX_JOBS) {
    throw clientError(`jobs must name 1 to ${MAX_JOBS} jobs.`);
  }
  const reason = reasonOf(from);
  for (const job of ids.flatMap((id) => core.book.find(id) ?? [])) {
    end(core, job, reason);
  }
  return { successful: ids, errors: [] };
}

function reasonOf(from: JsonObject): string {
  const reason = neededText(from, "reason");
  if (reason.length > MAX_REASON_CHARACTERS) {
    throw clientError(`The reason can have at most ${MAX_REASON_CHARACTERS} characters.`);
  }
  return reason;
}
