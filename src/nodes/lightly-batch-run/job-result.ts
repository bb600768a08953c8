import type { BatchClient } from "@aws-sdk/client-batch";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { toPipelineError } from "../../errors/pipeline-error.ts";
import { fixedDelay } from "../../polling/delay.ts";
import { pollUntil } from "../../polling/poll-until.ts";
import type { FailedChild } from "../../services/batch/job/failed-children.ts";
import type { JobReport } from "../../services/batch/job/job-report.ts";
import type { CapacityLeft } from "../../services/batch/queue/capacity-left.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import type { JobEnd } from "./await-job.ts";
import type { OwnJob } from "./submit-or-find.ts";

/** A failed child, with the item that it worked on. */
export interface Failure extends FailedChild {
  readonly item?: string;
}

/** How a job has ended. */
interface JobSummary {
  readonly state: string;
  readonly reason?: string;
  readonly exitCode?: number;
  /** How many attempts have ended. The children of an array have their own. */
  readonly attempts?: number;
  /** By the clock of AWS, ISO 8601. */
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly logGroup: string;
  readonly logStreams: readonly string[];
}

/** The result on the message: plain JSON. */
export interface BatchResult extends OwnJob, JobSummary {
  readonly children?: {
    readonly size: number;
    readonly succeeded: number;
    readonly failed: number;
    /** By index, the first 1,000. */
    readonly failures: readonly Failure[];
  };
  /** The job that ran after all children. */
  readonly final?: JobSummary & Pick<OwnJob, "jobId" | "jobName">;
  /** What the compute environments of the queue keep on. */
  readonly capacity?: CapacityLeft;
}

interface ResultOptions {
  readonly batch: BatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly job: OwnJob;
  readonly items: readonly string[];
  /** The children whose log is known already. */
  readonly read?: ReadonlySet<string> | undefined;
}

/** For requests after the end of a job, which have their own limit: the step may be aborted. */
const LIMIT_MS = 60_000;
const RETRY_MS = 2000;
/** How many failed children to take the log of. */
const LOGS = 3;

/** Completes the report of an ended job: which children have failed and why, the end of their logs, and whether the queue is at zero. */
export async function jobResult(
  context: StepContext,
  { job: end, final, read }: JobEnd,
  options: ResultOptions,
): Promise<BatchResult> {
  const { job, batch } = options;
  const { children } = end;
  const { SUCCEEDED = 0, FAILED = 0 } = children?.counts ?? {};
  const failures = FAILED > 0 ? await readFailures(context, { ...options, read }) : [];
  const { capacityLeft } = await import("../../services/batch/queue/capacity-left.ts");
  const capacity = await capacityLeft(batch, job.queue, AbortSignal.timeout(LIMIT_MS)).catch(() => undefined);
  if (capacity && capacity.minVcpus > 0) {
    context.log(`The compute environments of queue ${job.queue} keep ${capacity.minVcpus} vCPUs on without jobs.`);
  }
  return {
    ...job,
    ...summaryOf(end),
    ...(children && { children: { size: children.size, succeeded: SUCCEEDED, failed: FAILED, failures } }),
    ...(final && { final: { jobId: final.jobId, jobName: final.jobName, ...summaryOf(final) } }),
    ...(capacity && { capacity }),
  };
}

function summaryOf(report: JobReport): JobSummary {
  const { state, statusReason: reason, exitCode, startedAt, stoppedAt, children, logGroup, logStreams } = report;
  return {
    state,
    ...(reason !== undefined && { reason }),
    ...(exitCode !== undefined && { exitCode }),
    ...(!children && { attempts: report.attempts.length }),
    ...(startedAt !== undefined && { startedAt: new Date(startedAt).toISOString() }),
    ...(stoppedAt !== undefined && { endedAt: new Date(stoppedAt).toISOString() }),
    logGroup,
    logStreams,
  };
}

async function readFailures(context: StepContext, options: ResultOptions): Promise<Failure[]> {
  const { batch, job, items } = options;
  const { failedChildren } = await import("../../services/batch/job/failed-children.ts");
  try {
    const failed = await pollUntil({
      goal: `Batch to list the failed children of job ${job.jobId}`,
      check: async (signal) => ({ done: await failedChildren(batch, job.jobId, signal) }),
      delay: fixedDelay(RETRY_MS),
      timeoutMs: LIMIT_MS,
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    await logFailures(context, options, failed);
    return failed.map((child) => ({ ...child, ...(items[child.index] !== undefined && { item: items[child.index] }) }));
  } catch (error) {
    context.warn(`The failed children of job ${job.jobName} can't be listed. ${toPipelineError(error).message}`);
    return [];
  }
}

async function logFailures(
  context: StepContext,
  { batch, logs, read }: ResultOptions,
  failed: readonly FailedChild[],
): Promise<void> {
  const { readJobs } = await import("../../services/batch/job/read-jobs.ts");
  const { JobLog } = await import("../../services/batch/log/job-log.ts");
  const signal = AbortSignal.timeout(LIMIT_MS);
  const first = failed.slice(0, LOGS);
  const reports = await readJobs(
    batch,
    first.map(({ jobId }) => jobId),
    signal,
  ).catch(() => new Map<string, JobReport>());
  for (const { jobId, reason } of first) {
    context.log(reason);
    const report = reports.get(jobId);
    if (report && !read?.has(jobId)) {
      const log = new JobLog(logs, { onLines: (lines) => context.log(...lines), onFault: () => {} });
      await log.drain(report, signal);
    }
  }
}
