import { randomUUID } from "node:crypto";
import type { BatchClient } from "@aws-sdk/client-batch";
import type { S3Client } from "@aws-sdk/client-s3";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { systemClock } from "../../polling/clock.ts";
import type { SubmittedJob } from "../../services/batch/job/find-job.ts";
import type { JobRequest } from "../../services/batch/job/job-input.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import type { JobForm } from "./job-form.ts";

/** The job of a step. */
export interface OwnJob extends SubmittedJob {
  readonly queue: string;
}

/** The clients and the form of a submission. */
export interface SubmitOptions {
  readonly batch: BatchClient;
  readonly s3: () => Promise<S3Client>;
  readonly form: JobForm;
}

/** The ids in the checkpoint of a step. */
export const JOB_IDS: readonly string[] = [
  ...["jobId", "jobName", "queue", "intendedAt"],
  ...["hasFinalJob", "finalJobId", "finalIntendedAt", "jobWait"],
];

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
  const { findEarlierJob } = await import("../../services/batch/job/find-job.ts");
  const intendedAt = Number(checkpoint.intendedAt) || context.startedAt;
  const found = await findEarlierJob({ batch, queue, jobName, intendedAt, signal, clock: systemClock });
  return found && { ...found, queue };
}

/** Finds the final job of the checkpoint likewise. It has the name of the first job. */
export async function findFinalJob(
  batch: BatchClient,
  { checkpoint }: StepContext,
  signal: AbortSignal,
): Promise<SubmittedJob | undefined> {
  const [jobId, firstName, queue] = ["finalJobId", "jobName", "queue"].map((name) => idOf(checkpoint, name));
  const intendedAt = Number(checkpoint.finalIntendedAt);
  if (firstName === undefined || queue === undefined || !intendedAt) {
    return undefined;
  }
  const jobName = finalName(firstName);
  if (jobId !== undefined) {
    return { jobId, jobName };
  }
  const { findEarlierJob } = await import("../../services/batch/job/find-job.ts");
  return await findEarlierJob({ batch, queue, jobName, intendedAt, signal, clock: systemClock });
}

/**
 * Returns the job that an earlier call has submitted, or checks the queue and submits one.
 *
 * @throws PipelineError `BATCH_*`, `S3_*`, `AWS_*`, `JOURNAL_WRITE_FAILED`, `ABORTED`; `INPUT_INVALID` if the items were not restored
 */
export async function submitOrFind(context: StepContext, options: SubmitOptions): Promise<OwnJob> {
  const { batch, form } = options;
  const { signal, status } = context;
  const earlier = await findOwnJob(batch, context, signal);
  if (earlier) {
    if (idOf(context.checkpoint, "jobId") === undefined) {
      await context.saveCheckpoint({ jobId: earlier.jobId });
    }
    return earlier;
  }
  context.throwIfSkipped([]);
  status.show("working", "checking");
  await preflight(context, batch, form);
  status.show("working", "submitting");
  const { queue } = form.request;
  const { hasFinalJob } = form;
  const jobName = idOf(context.checkpoint, "jobName") ?? `${form.jobPrefix}-${randomUUID()}`;
  const request = await requestOf(context, options, { jobName, ...(hasFinalJob && { part: "item" }) });
  const intent = { jobName, queue, intendedAt: Date.now(), hasFinalJob };
  const { jobId } = await submit(context, batch, request, intent);
  await context.saveCheckpoint({ jobId });
  return { jobId, jobName, queue };
}

/**
 * Returns the final job of a job with one, or submits it. Batch starts it when all children have succeeded, even if Node-RED has ended
 * meanwhile.
 *
 * @throws PipelineError like {@link submitOrFind}
 */
export async function submitOrFindFinal(
  context: StepContext,
  options: SubmitOptions,
  job: OwnJob,
): Promise<SubmittedJob | undefined> {
  const { batch } = options;
  // The form may have changed since the job was submitted.
  if (context.checkpoint.hasFinalJob !== true) {
    return undefined;
  }
  const found = await findFinalJob(batch, context, context.signal);
  if (found) {
    await context.saveCheckpoint({ finalJobId: found.jobId });
    return found;
  }
  const jobName = finalName(job.jobName);
  const named = { jobName, listName: job.jobName, part: "all", dependsOn: job.jobId };
  const request = { ...(await requestOf(context, options, named)), queue: job.queue, size: 1 };
  try {
    const final = await submit(context, batch, request, { finalIntendedAt: Date.now() });
    await context.saveCheckpoint({ finalJobId: final.jobId });
    return final;
  } catch (error) {
    if (toPipelineError(error).code !== "BATCH_SUBMIT_UNCERTAIN") {
      // There is none, so the user need not look for it.
      await context.saveCheckpoint({ finalIntendedAt: undefined });
    }
    throw error;
  }
}

function finalName(jobName: string): string {
  return `${jobName}-final`;
}

/** @param options.listName - the folder of the list of items; that of the first job is also used by the final one */
async function requestOf(
  { signal }: StepContext,
  { batch, s3, form }: SubmitOptions,
  options: {
    readonly jobName: string;
    readonly listName?: string;
    readonly part?: string;
    readonly dependsOn?: string;
  },
): Promise<JobRequest> {
  const { part, listName = options.jobName, ...named } = options;
  const environment = { ...form.request.environment, ...(part !== undefined && { LIGHTLY_PART: part }) };
  const attemptTimeoutMs = form.request.attemptTimeoutMs ?? (await limitOfAttempt(batch, form, signal));
  const request = { ...form.request, ...named, environment, attemptTimeoutMs };
  if (form.itemsFault) {
    throw form.itemsFault;
  }
  if (!form.items) {
    return request;
  }
  const { withItems } = await import("../../services/batch/job/item-list.ts");
  return await withItems(request, { ...form.items, listName, s3, signal });
}

/** AWS ends an attempt at the time limit of the step, even if Node-RED never comes back, unless the job definition has a limit of its own. */
async function limitOfAttempt(
  batch: BatchClient,
  { request, timeoutMs }: JobForm,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { describeDefinition } = await import("../../services/batch/queue/check-definition.ts");
  return await describeDefinition({ batch, ...request, signal }).then(
    ({ hasTimeout }) => (hasTimeout ? undefined : timeoutMs),
    // A limit that is not known must not be replaced by a longer one.
    () => undefined,
  );
}

async function submit(
  context: StepContext,
  batch: BatchClient,
  request: JobRequest,
  intent: Readonly<Record<string, unknown>>,
): Promise<SubmittedJob> {
  const { jobInput } = await import("../../services/batch/job/job-input.ts");
  const { submitJob } = await import("../../services/batch/job/submit-job.ts");
  const input = jobInput(request);
  await context.saveIntent(intent);
  return await submitJob({ batch, input, signal: context.signal });
}

/** Checks what Batch accepts, but would never run. Who may not look at queues may nevertheless submit jobs. */
async function preflight(context: StepContext, batch: BatchClient, { request }: JobForm): Promise<void> {
  const { checkQueue } = await import("../../services/batch/queue/check-queue.ts");
  const { checkDefinition } = await import("../../services/batch/queue/check-definition.ts");
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
