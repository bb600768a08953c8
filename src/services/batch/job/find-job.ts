import type { BatchClient, JobSummary } from "@aws-sdk/client-batch";
import type { Clock } from "../../../polling/clock.ts";
import { searchUntilListed } from "../../../polling/search-until-listed.ts";
import { ListJobsCommand } from "../../../sdk/batch.ts";
import { awsPages } from "../../aws/aws-pages.ts";
import { mapBatchError } from "../map-batch-error.ts";

/** A job that Batch has accepted. */
export interface SubmittedJob {
  readonly jobId: string;
  readonly jobName: string;
}

interface FindJobOptions {
  readonly batch: BatchClient;
  readonly queue: string;
  readonly jobName: string;
  readonly signal: AbortSignal;
}

/** Batch may list and describe a new job only after some seconds. */
const LISTS_JOBS_WITHIN_MS = 15_000;

/**
 * Finds a job by its name, in any state: one whose response never arrived, or that was submitted before a crash. Jobs can't be found by their
 * tags, and a list by state misses jobs that move.
 *
 * @returns the oldest job with the name, or `undefined` if Batch lists none
 * @throws PipelineError `BATCH_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
async function findJob({ batch, queue, jobName, signal }: FindJobOptions): Promise<SubmittedJob | undefined> {
  const found: JobSummary[] = [];
  const pages = awsPages({
    action: "batch:ListJobs",
    read: (nextToken?: string) =>
      batch.send(
        new ListJobsCommand({ jobQueue: queue, filters: [{ name: "JOB_NAME", values: [jobName] }], nextToken }),
        { abortSignal: signal },
      ),
    next: (page) => page.nextToken,
  });
  try {
    for await (const { jobSummaryList = [] } of pages) {
      // The filter ignores case.
      found.push(...jobSummaryList.filter((job) => job.jobName === jobName));
    }
  } catch (error) {
    throw mapBatchError(error, { action: "batch:ListJobs", resource: `jobs of queue ${queue}` });
  }
  const [first] = found.sort((one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0));
  return first?.jobId === undefined ? undefined : { jobId: first.jobId, jobName };
}

/**
 * Finds a job that may have been submitted before a crash. Repeats the search until a job that was submitted at `intendedAt` must be
 * listed, or for that long if the date was set back meanwhile.
 *
 * @param options.intendedAt - when the name was recorded, in milliseconds since 1970; nothing was submitted before
 * @returns the job, or `undefined` if none was submitted
 * @throws PipelineError like {@link findJob}
 */
export async function findEarlierJob(
  options: FindJobOptions & { readonly intendedAt: number; readonly clock: Clock },
): Promise<SubmittedJob | undefined> {
  const { intendedAt: since, clock, signal } = options;
  return await searchUntilListed({
    find: () => findJob(options),
    since,
    withinMs: LISTS_JOBS_WITHIN_MS,
    clock,
    signal,
  });
}
