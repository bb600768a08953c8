import type { BatchClient } from "@aws-sdk/client-batch";
import { withUse } from "../../records/container-use.ts";
import { type ContainerTime, containerTime } from "../../services/batch/job/container-time.ts";
import { isOver, type JobReport } from "../../services/batch/job/job-report.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { readEndedChildren } from "./read-ended-children.ts";

/**
 * Adds how long the containers of an ended job have run to the record of the step. It is in the checkpoint, because a step that fails or is
 * aborted has no result, and a further attempt submits another job.
 *
 * @param childrenTime - of an array
 */
export async function recordUse(context: StepContext, job: JobReport, childrenTime?: ContainerTime): Promise<void> {
  const { jobId, vcpus, gpus } = job;
  const time = childrenTime ?? containerTime(job);
  if (time.jobs > 0) {
    const each = { ...(vcpus !== undefined && { vcpus }), ...(gpus !== undefined && { gpus }) };
    await context.saveCheckpoint(withUse(context.checkpoint, { jobId, ...time, ...each }));
  }
}

/** Does it for jobs that were terminated, as far as they have ended. */
export async function recordTerminated(
  context: StepContext,
  batch: BatchClient,
  jobs: readonly (JobReport | undefined)[],
): Promise<void> {
  for (const job of jobs) {
    if (job && isOver(job.state)) {
      await recordUse(context, job, (await readEndedChildren(context, batch, job))?.time);
    }
  }
}
