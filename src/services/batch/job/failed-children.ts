import type { BatchClient } from "@aws-sdk/client-batch";
import type { ErrorCode } from "../../../errors/error-codes.ts";
import { ListJobsCommand } from "../../../sdk/batch.ts";
import { awsPages } from "../../aws/aws-pages.ts";
import { mapBatchError } from "../map-batch-error.ts";
import { endCause } from "./job-end.ts";

/** A child that has failed. */
export interface FailedChild {
  /** `AWS_BATCH_JOB_ARRAY_INDEX`, from 0. */
  readonly index: number;
  readonly jobId: string;
  readonly code: ErrorCode;
  readonly reason: string;
  readonly exitCode?: number;
}

/** The most that are listed. */
export const MAX_FAILURES = 1000;
const PAGE_SIZE = 1000;

/**
 * Lists the failed children of an array by index, each with its reason.
 *
 * @returns at most {@link MAX_FAILURES}
 * @throws PipelineError `BATCH_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function failedChildren(
  batch: BatchClient,
  arrayJobId: string,
  abortSignal: AbortSignal,
): Promise<FailedChild[]> {
  const failed: FailedChild[] = [];
  const pages = awsPages({
    action: "batch:ListJobs",
    read: (nextToken?: string) =>
      batch.send(new ListJobsCommand({ arrayJobId, jobStatus: "FAILED", maxResults: PAGE_SIZE, nextToken }), {
        abortSignal,
      }),
    next: (page) => page.nextToken,
  });
  try {
    for await (const { jobSummaryList = [] } of pages) {
      for (const {
        jobId = "",
        statusReason,
        container,
        arrayProperties,
        isCancelled,
        isTerminated,
      } of jobSummaryList) {
        const { exitCode, reason: containerReason } = container ?? {};
        const end = {
          ...(statusReason !== undefined && { statusReason }),
          ...(containerReason !== undefined && { containerReason }),
          ...(exitCode !== undefined && { exitCode }),
        };
        const { code, text } = endCause(end, isCancelled === true || isTerminated === true);
        const index = arrayProperties?.index ?? Number(jobId.split(":")[1]);
        failed.push({
          index,
          jobId,
          code,
          reason: `Child ${index} ${text}.`,
          ...(exitCode !== undefined && { exitCode }),
        });
      }
      if (failed.length >= MAX_FAILURES) {
        break;
      }
    }
  } catch (error) {
    throw mapBatchError(error, { action: "batch:ListJobs", resource: `children of job ${arrayJobId}` });
  }
  return failed.sort((one, other) => one.index - other.index).slice(0, MAX_FAILURES);
}
