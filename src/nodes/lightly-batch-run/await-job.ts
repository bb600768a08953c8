import type { BatchClient } from "@aws-sdk/client-batch";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { toPipelineError } from "../../errors/pipeline-error.ts";
import { systemClock } from "../../polling/clock.ts";
import type { SubmittedJob } from "../../services/batch/job/find-job.ts";
import { isOver, type JobReport } from "../../services/batch/job/job-report.ts";
import type { JobWait } from "../../services/batch/waiting/wait-time.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { abandonment, earlierFailure } from "../shared/step/waits/abandoned-wait.ts";
import { savedWait } from "../shared/step/waits/saved-wait.ts";
import { recordTerminated } from "./container-use.ts";
import { findFinalJob, type OwnJob } from "./submit-or-find.ts";

export interface AwaitJobOptions {
  readonly batch: BatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly job: OwnJob;
  /** Submits the final job, if there is one. */
  readonly submitFinal: () => Promise<SubmittedJob | undefined>;
  /** Called when everything is submitted. */
  readonly onSubmitted: () => void;
  readonly capacityTimeoutMs: number;
  readonly startTimeoutMs: number;
  /** For the whole step. */
  readonly timeoutMs: number;
  readonly pollMs: number;
  /** Called with each report of the job, then of the final one, and with the reason why it waits for an instance. */
  readonly onReport: (job: JobReport, waitingReason: string | undefined) => void;
}

/** The last reports of the jobs of a step. */
export interface JobEnd {
  readonly job: JobReport;
  /** Of the final job, if it was its turn. */
  readonly final?: JobReport;
  /** The ids of children whose log is in that of the step. */
  readonly read?: ReadonlySet<string>;
}

/** The report that decides how a step has ended. */
export function decisiveReport({ job, final }: JobEnd): JobReport {
  return job.state === "SUCCEEDED" ? (final ?? job) : job;
}

/** A container has 30 s after SIGTERM, and Batch looks at its jobs now and then. */
const TERMINATE_TIMEOUT_MS = 3 * 60_000;

/**
 * Waits for the end of a job, and adds its log to that of the step. A wait that ends early terminates the job with all its children, and waits
 * until they have ended; only if the flow is stopped or redeployed, the job continues.
 *
 * @returns the last reports: SUCCEEDED, or FAILED, which it also is after an abort
 * @throws PipelineError the errors of `followJob`, after the termination; if the flow is stopped or redeployed, `ABORTED`
 */
export async function awaitJob(context: StepContext, options: AwaitJobOptions): Promise<JobEnd> {
  const earlier = earlierFailure(context);
  if (earlier) {
    return await abandonJob(context, options, earlier);
  }
  const { batch, logs, job, capacityTimeoutMs, startTimeoutMs, timeoutMs, pollMs, submitFinal, onSubmitted, onReport } =
    options;
  const { signal } = context;
  const { followJob } = await import("../../services/batch/job/follow-job.ts");
  const { ChildLogs } = await import("../../services/batch/log/child-logs.ts");
  const { JobLog } = await import("../../services/batch/log/job-log.ts");
  const log = new JobLog(logs, {
    onLines: (lines) => context.log(...lines),
    onFault: (text) => context.log(`The log of the job can't be read. ${text}`),
  });
  const children = new ChildLogs({
    ...{ batch, logs, pollMs, clock: systemClock },
    onLines: (index, lines) => context.log(...lines.map((line) => `[${index}] ${line}`)),
    onFault: (text) => context.log(`The logs of the children can't be read. ${text}`),
  });
  const follow = async (jobId: string): Promise<JobReport> => {
    const end = await followJob({
      ...{ batch, jobId, capacityTimeoutMs, startTimeoutMs, pollMs, signal },
      memory: savedWait<JobWait>(context, "jobWait", { jobId }),
      // The limit applies to the whole step, including the time before a restart.
      ...{ timeoutMs, waitedMs: context.elapsedMs },
      onReport: async (report, waitingReason) => {
        onReport(report, waitingReason);
        await log.read(report, signal);
        // It must not delay the news of the job.
        children.look(report, signal);
      },
    });
    await log.drain(end, signal);
    await children.drain(end, signal);
    return end;
  };
  try {
    const finalJob = await submitFinal();
    onSubmitted();
    const end = await follow(job.jobId);
    // Batch ends a job whose children have failed.
    const final = finalJob && end.state === "SUCCEEDED" ? await follow(finalJob.jobId) : undefined;
    return { job: end, ...(final && { final }), read: children.read };
  } catch (error) {
    if (context.isClosed) {
      throw error;
    }
    return await abandonJob(context, options, error);
  }
}

async function abandonJob(context: StepContext, options: AwaitJobOptions, reason: unknown): Promise<JobEnd> {
  const { status, signal, warn } = context;
  const { jobId, jobName } = options.job;
  status.show("working", "terminating");
  const failed = signal.aborted ? undefined : abandonment(reason, context);
  if (failed) {
    // After a crash the step finds the job terminated, and must know why.
    await context.saveCheckpoint({ abandoned: failed });
  }
  const { terminateJob } = await import("../../services/batch/job/terminate-job.ts");
  let last: JobReport | undefined;
  let final: JobReport | undefined;
  try {
    const limit = AbortSignal.timeout(TERMINATE_TIMEOUT_MS);
    const terminate = (id: string): Promise<JobReport | undefined> =>
      terminateJob({
        ...options,
        jobId: id,
        reason: toPipelineError(signal.aborted ? signal.reason : reason).message,
        timeoutMs: TERMINATE_TIMEOUT_MS,
        signal: limit,
      });
    // Batch keeps a final job until its children have ended, so that one is not waited for before the other.
    const terminateFinal = async (): Promise<JobReport | undefined> => {
      const found = await findFinalJob(options.batch, context, limit);
      return found && (await terminate(found.jobId));
    };
    [last, final] = await Promise.all([terminate(jobId), terminateFinal()]);
    if (failed) {
      // A further attempt of the step submits a new job.
      await context.saveCheckpoint({ abandoned: { ...failed, isCanceled: true } });
      await recordTerminated(context, options.batch, [last, final]);
    }
  } catch (refusal) {
    warn(`Job ${jobName} (${jobId}) may still be running: ${toPipelineError(refusal).message}`);
  }
  if (!signal.aborted) {
    throw reason;
  }
  return { job: last && isOver(last.state) ? last : { ...UNKNOWN, ...options.job }, ...(final && { final }) };
}

/** A job whose end is not known. */
const UNKNOWN = { state: "CANCELED", attempts: [], logGroup: "", logStreams: [], isStopped: true };
