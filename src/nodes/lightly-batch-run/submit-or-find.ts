import { randomUUID } from "node:crypto";
import type { BatchClient } from "@aws-sdk/client-batch";
import type { S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { systemClock } from "../../polling/clock.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import type { JobForm } from "./job-form.ts";

/** The job of a step. */
export interface OwnJob {
  readonly jobId: string;
  readonly jobName: string;
  readonly queue: string;
}

/** The ids in the checkpoint of a step. */
export const JOB_IDS: readonly string[] = ["jobId", "jobName", "queue", "intendedAt"];

/** Finds the job of the checkpoint: by its id, or by the name that was saved before it was submitted. */
export async function findOwnJob(
  batch: BatchClient,
  context: StepContext,
  signal: AbortSignal,
): Promise<OwnJob | undefined> {
  const { checkpoint } = context;
  const [jobId, jobName, queue] = ["jobId", "jobName", "queue"].map((name) => idOf(checkpoint, name));
  if (jobName === undefined || queue === undefined) {
    return undefined;
  }
  if (jobId !== undefined) {
    return { jobId, jobName, queue };
  }
  const { findEarlierJob } = await import("../../services/batch/find-job.ts");
  const intendedAt = Number(checkpoint.intendedAt) || context.startedAt;
  const found = await findEarlierJob({ batch, queue, jobName, intendedAt, signal, clock: systemClock });
  return found && { ...found, queue };
}

/**
 * Returns the job that an earlier call has submitted, or checks the queue and submits one.
 *
 * @throws PipelineError `BATCH_*`, `S3_*`, `AWS_*`, `JOURNAL_WRITE_FAILED`, `ABORTED`
 */
export async function submitOrFind(
  context: StepContext,
  { batch, s3, form }: { readonly batch: BatchClient; readonly s3: () => Promise<S3Client>; readonly form: JobForm },
): Promise<OwnJob> {
  const { signal, status } = context;
  const earlier = await findOwnJob(batch, context, signal);
  if (earlier) {
    if (idOf(context.checkpoint, "jobId") === undefined) {
      await context.saveCheckpoint({ jobId: earlier.jobId });
    }
    return earlier;
  }
  const { jobInput } = await import("../../services/batch/job-input.ts");
  const { withItems } = await import("../../services/batch/item-list.ts");
  const { submitJob } = await import("../../services/batch/submit-job.ts");
  context.throwIfSkipped([]);
  status.show("working", "checking");
  await preflight(context, batch, form);
  status.show("working", "submitting");
  const { queue } = form.request;
  const jobName = idOf(context.checkpoint, "jobName") ?? `${form.jobPrefix}-${randomUUID()}`;
  const named = { ...form.request, jobName };
  const input = jobInput(form.items ? await withItems(named, { ...form.items, s3, signal }) : named);
  await context.saveIntent({ jobName, queue, intendedAt: Date.now() });
  const { jobId } = await submitJob({ batch, input, signal });
  await context.saveCheckpoint({ jobId });
  return { jobId, jobName, queue };
}

/** Checks what Batch accepts, but would never run. Who may not look at queues may nevertheless submit jobs. */
async function preflight(context: StepContext, batch: BatchClient, { request }: JobForm): Promise<void> {
  const { checkQueue } = await import("../../services/batch/check-queue.ts");
  const { checkDefinition } = await import("../../services/batch/check-definition.ts");
  const { signal } = context;
  const checks = [
    () => checkQueue({ batch, ...request, signal }),
    () => checkDefinition({ batch, ...request, signal }),
  ];
  for (const check of checks) {
    try {
      for (const note of await check()) {
        context.warn(note);
      }
    } catch (error) {
      if (!(error instanceof PipelineError) || error.code !== "BATCH_ACCESS_DENIED") {
        throw error;
      }
      context.warn(`Queue or job definition could not be checked. ${error.message}`);
    }
  }
}
