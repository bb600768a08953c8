import type { BatchClient } from "@aws-sdk/client-batch";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { totalContainerUse, usesIn } from "../../records/container-use.ts";
import type { FailedChild } from "../../services/batch/job/ended-children.ts";
import type { JobReport } from "../../services/batch/job/job-report.ts";
import type { CapacityLeft } from "../../services/batch/queue/capacity-left.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import type { JobEnd } from "./await-job.ts";
import { recordUse } from "./container-use.ts";
import { AFTER_END_LIMIT_MS, readEndedChildren } from "./read-ended-children.ts";
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
  /** How long containers have run, with those of the final job. */
  readonly containerSeconds: number;
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

/** How many failed children to take the log of. */
const LOGS = 3;

/**
 * Completes the report of an ended job: which children have failed and why, the end of their logs, how long the containers have run, and
 * whether the queue is at zero.
 */
export async function jobResult(
  context: StepContext,
  { job: end, final, read }: JobEnd,
  options: ResultOptions,
): Promise<BatchResult> {
  const { job, batch } = options;
  const { children } = end;
  const { SUCCEEDED = 0, FAILED = 0 } = children?.counts ?? {};
  const ended = await readEndedChildren(context, batch, end);
  const failures = ended?.failures ?? [];
  if (failures.length > 0) {
    await logFailures(context, { ...options, read }, failures);
  }
  await recordUse(context, end, ended?.time);
  if (final) {
    await recordUse(context, final);
  }
  const uses = usesIn(context.checkpoint).filter(({ jobId }) => jobId === end.jobId || jobId === final?.jobId);
  const { capacityLeft } = await import("../../services/batch/queue/capacity-left.ts");
  const capacity = await capacityLeft(batch, job.queue, AbortSignal.timeout(AFTER_END_LIMIT_MS)).catch(() => undefined);
  if (capacity && capacity.minVcpus > 0) {
    context.log(`The compute environments of queue ${job.queue} keep ${capacity.minVcpus} vCPUs on without jobs.`);
  }
  return {
    ...job,
    ...summaryOf(end),
    containerSeconds: totalContainerUse(uses).containerMs / 1000,
    ...(children && {
      children: {
        ...{ size: children.size, succeeded: SUCCEEDED, failed: FAILED },
        failures: failures.map(withItem(options.items)),
      },
    }),
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

/** A failed child with the item of its index. */
function withItem(items: readonly string[]): (child: FailedChild) => Failure {
  return (child) => ({ ...child, ...(items[child.index] !== undefined && { item: items[child.index] }) });
}

async function logFailures(
  context: StepContext,
  { batch, logs, read }: ResultOptions,
  failed: readonly FailedChild[],
): Promise<void> {
  const { readJobs } = await import("../../services/batch/job/read-jobs.ts");
  const { JobLog } = await import("../../services/batch/log/job-log.ts");
  const signal = AbortSignal.timeout(AFTER_END_LIMIT_MS);
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
