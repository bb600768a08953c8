import type { BatchClient } from "@aws-sdk/client-batch";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { toPipelineError } from "../../errors/pipeline-error.ts";
import { isOver, type JobReport } from "../../services/batch/job-report.ts";
import { abandonment, earlierFailure } from "../shared/step/abandoned-wait.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import type { OwnJob } from "./submit-or-find.ts";

export interface AwaitJobOptions {
  readonly batch: BatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly job: OwnJob;
  readonly capacityTimeoutMs: number;
  readonly timeoutMs: number;
  readonly pollMs: number;
  /** Called with each report, and with the reason why the job waits for an instance. */
  readonly onReport: (job: JobReport, waitingReason: string | undefined) => void;
}

/** A container has 30 s after SIGTERM, and Batch looks at its jobs now and then. */
const TERMINATE_TIMEOUT_MS = 3 * 60_000;

/**
 * Waits for the end of a job, and adds its log to that of the step. A wait that ends early terminates the job with all its children, and waits
 * until they have ended; only if the flow is stopped or redeployed, the job continues.
 *
 * @returns the last report: SUCCEEDED, or FAILED, which it also is after an abort
 * @throws PipelineError the errors of `followJob`, after the termination; if the flow is stopped or redeployed, `ABORTED`
 */
export async function awaitJob(context: StepContext, options: AwaitJobOptions): Promise<JobReport> {
  const earlier = earlierFailure(context);
  if (earlier) {
    return await abandonJob(context, options, earlier);
  }
  const { batch, logs, job, capacityTimeoutMs, timeoutMs, pollMs, onReport } = options;
  const { signal } = context;
  const { followJob } = await import("../../services/batch/follow-job.ts");
  const { JobLog } = await import("../../services/batch/job-log.ts");
  const log = new JobLog(logs, {
    onLines: (lines) => context.log(...lines),
    onFault: ({ message }) => context.log(`The log of the job can't be read. ${message}`),
  });
  try {
    const end = await followJob({
      ...{ batch, jobId: job.jobId, capacityTimeoutMs, timeoutMs, pollMs, signal },
      onReport: async (report, waitingReason) => {
        onReport(report, waitingReason);
        await log.read(report, signal);
      },
    });
    await log.drain(end, signal);
    return end;
  } catch (error) {
    if (context.isClosed) {
      throw error;
    }
    return await abandonJob(context, options, error);
  }
}

async function abandonJob(context: StepContext, options: AwaitJobOptions, reason: unknown): Promise<JobReport> {
  const { status, signal, warn } = context;
  const { jobId, jobName } = options.job;
  status.show("working", "terminating");
  const failed = signal.aborted ? undefined : abandonment(reason, context);
  if (failed) {
    // After a crash the step finds the job terminated, and must know why.
    await context.saveCheckpoint({ abandoned: failed });
  }
  const { terminateJob } = await import("../../services/batch/terminate-job.ts");
  let last: JobReport | undefined;
  try {
    last = await terminateJob({
      ...options,
      jobId,
      reason: toPipelineError(signal.aborted ? signal.reason : reason).message,
      timeoutMs: TERMINATE_TIMEOUT_MS,
      signal: AbortSignal.timeout(TERMINATE_TIMEOUT_MS),
    });
    if (failed) {
      // A further attempt of the step submits a new job.
      await context.saveCheckpoint({ abandoned: { ...failed, isCanceled: true } });
    }
  } catch (refusal) {
    warn(`Job ${jobName} (${jobId}) may still be running: ${toPipelineError(refusal).message}`);
  }
  if (!signal.aborted) {
    throw reason;
  }
  return last && isOver(last.state) ? last : { ...UNKNOWN, ...options.job };
}

/** A job whose end is not known. */
const UNKNOWN = { state: "CANCELED", attempts: [], logGroup: "", logStreams: [], isStopped: true };
