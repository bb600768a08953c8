import type { BatchClient } from "@aws-sdk/client-batch";
import { SharedRequests, type WaitOptions } from "../../../polling/shared-requests.ts";
import { DescribeJobsCommand } from "../../../sdk/batch.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { throttledByAws } from "../../aws/errors/map-aws-error.ts";
import { mapBatchError } from "../map-batch-error.ts";
import { type JobReport, readJob } from "./job-report.ts";

/** The most that DescribeJobs accepts. */
const IDS_PER_REQUEST = 100;
const shared = new WeakMap<BatchClient, SharedRequests<JobReport>>();

/**
 * Reads jobs. Calls of the same moment through one client share a request, see {@link SharedRequests}.
 *
 * @param jobIds - at most 100; ids of children are `PARENT:0`
 * @returns the jobs by id; a job is absent for moments after it was submitted, and some days after its end
 * @throws PipelineError `BATCH_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function readJobs(
  batch: BatchClient,
  jobIds: readonly string[],
  signal: AbortSignal,
  wait?: WaitOptions,
): Promise<ReadonlyMap<string, JobReport>> {
  let requests = shared.get(batch);
  if (!requests) {
    requests = new SharedRequests({
      limit: IDS_PER_REQUEST,
      isOneKeysFault: (error) => readAwsError(error).name === "ClientException",
      throttledFor: throttledByAws,
      request: (keys, abortSignal) => describeJobs(batch, keys, abortSignal),
    });
    shared.set(batch, requests);
  }
  try {
    return await requests.get(jobIds, signal, wait);
  } catch (error) {
    throw mapBatchError(error, { action: "batch:DescribeJobs", resource: `job ${jobIds.join(", ")}` });
  }
}

async function describeJobs(
  batch: BatchClient,
  jobIds: readonly string[],
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<string, JobReport>> {
  const { jobs = [] } = await batch.send(new DescribeJobsCommand({ jobs: [...jobIds] }), { abortSignal });
  return new Map(jobs.flatMap((detail) => readJob(detail) ?? []).map((job) => [job.jobId, job]));
}
