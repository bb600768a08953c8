import type { BatchClient, JobStatus, JobSummary } from "@aws-sdk/client-batch";
import type { ErrorCode } from "../../../errors/error-codes.ts";
import { ListJobsCommand } from "../../../sdk/batch.ts";
import { awsPages } from "../../aws/aws-pages.ts";
import { mapBatchError } from "../map-batch-error.ts";
import { type ContainerTime, childrenTime } from "./container-time.ts";
import { endCause } from "./job-end.ts";
import type { JobReport } from "./job-report.ts";

/** A child that has failed. */
export interface FailedChild {
  /** `AWS_BATCH_JOB_ARRAY_INDEX`, from 0. */
  readonly index: number;
  readonly jobId: string;
  readonly code: ErrorCode;
  readonly reason: string;
  readonly exitCode?: number;
}

/** The children of an array that have ended. */
export interface EndedChildren {
  /** By index, at most {@link MAX_FAILURES}. */
  readonly failures: readonly FailedChild[];
  /** Without earlier attempts of a child, which the list does not have. */
  readonly time: ContainerTime;
}

/** The most that are returned. */
export const MAX_FAILURES = 1000;
const PAGE_SIZE = 1000;
const END_STATES = ["SUCCEEDED", "FAILED"] as const;

/**
 * Lists the children of an ended array: which have failed and why, and how long the containers of all have run. This takes a request for each
 * thousand children, so at most eleven.
 *
 * @throws PipelineError `BATCH_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function endedChildren(
  batch: BatchClient,
  { jobId, children }: Pick<JobReport, "jobId" | "children">,
  signal: AbortSignal,
): Promise<EndedChildren> {
  const ended: JobSummary[] = [];
  for (const state of END_STATES.filter((one) => (children?.counts[one] ?? 0) > 0)) {
    ended.push(...(await listChildren(batch, jobId, state, signal)));
  }
  const failures = ended.filter(({ status }) => status === "FAILED").map(failedChild);
  failures.sort((one, other) => one.index - other.index);
  return { failures: failures.slice(0, MAX_FAILURES), time: childrenTime(ended) };
}

async function listChildren(
  batch: BatchClient,
  arrayJobId: string,
  jobStatus: JobStatus,
  abortSignal: AbortSignal,
): Promise<JobSummary[]> {
  const found: JobSummary[] = [];
  const pages = awsPages({
    action: "batch:ListJobs",
    read: (nextToken?: string) =>
      batch.send(new ListJobsCommand({ arrayJobId, jobStatus, maxResults: PAGE_SIZE, nextToken }), { abortSignal }),
    next: (page) => page.nextToken,
  });
  try {
    for await (const { jobSummaryList = [] } of pages) {
      found.push(...jobSummaryList.map((job) => ({ ...job, status: jobStatus })));
    }
  } catch (error) {
    throw mapBatchError(error, { action: "batch:ListJobs", resource: `children of job ${arrayJobId}` });
  }
  return found;
}

function failedChild(child: JobSummary): FailedChild {
  const { jobId = "", statusReason, container, arrayProperties, isCancelled, isTerminated } = child;
  const { exitCode, reason: containerReason } = container ?? {};
  const end = {
    ...(statusReason !== undefined && { statusReason }),
    ...(containerReason !== undefined && { containerReason }),
    ...(exitCode !== undefined && { exitCode }),
  };
  const { code, text } = endCause(end, isCancelled === true || isTerminated === true);
  const index = arrayProperties?.index ?? Number(jobId.split(":")[1]);
  return { index, jobId, code, reason: `Child ${index} ${text}.`, ...(exitCode !== undefined && { exitCode }) };
}
