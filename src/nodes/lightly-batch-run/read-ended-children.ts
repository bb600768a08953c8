import type { BatchClient } from "@aws-sdk/client-batch";
import { toPipelineError } from "../../errors/pipeline-error.ts";
import { fixedDelay } from "../../polling/delay.ts";
import { pollUntil } from "../../polling/poll-until.ts";
import type { EndedChildren } from "../../services/batch/job/ended-children.ts";
import type { JobReport } from "../../services/batch/job/job-report.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/** For requests after the end of a job, which have their own limit: the step may be aborted. */
export const AFTER_END_LIMIT_MS = 60_000;
const RETRY_MS = 2000;

/** Reads the ended children of an array, or warns why that fails; undefined for a job without children. */
export async function readEndedChildren(
  context: StepContext,
  batch: BatchClient,
  job: JobReport,
): Promise<EndedChildren | undefined> {
  if (!job.children) {
    return undefined;
  }
  const { endedChildren } = await import("../../services/batch/job/ended-children.ts");
  try {
    return await pollUntil({
      goal: `Batch to list the children of job ${job.jobId}`,
      check: async (signal) => ({ done: await endedChildren(batch, job, signal) }),
      delay: fixedDelay(RETRY_MS),
      timeoutMs: AFTER_END_LIMIT_MS,
      signal: AbortSignal.timeout(AFTER_END_LIMIT_MS),
    });
  } catch (error) {
    context.warn(`The ended children of job ${job.jobName} can't be listed. ${toPipelineError(error).message}`);
    return undefined;
  }
}
