import type { BatchClient } from "@aws-sdk/client-batch";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../../polling/clock.ts";
import { eagerDelay } from "../../../polling/delay.ts";
import { formatDuration } from "../../../polling/format-duration.ts";
import { type PollResult, pollUntil } from "../../../polling/poll-until.ts";
import type { WaitMemory } from "../../../polling/wait-memory.ts";
import { type JobWait, WaitTime } from "../waiting/wait-time.ts";
import { WaitingReason } from "../waiting/waiting-reason.ts";
import { isOver, type JobReport } from "./job-report.ts";
import { readJobs } from "./read-jobs.ts";

/** Times in milliseconds. */
export interface FollowJobOptions {
  readonly batch: BatchClient;
  readonly jobId: string;
  /** Of the whole wait. */
  readonly timeoutMs: number;
  /** How long it has lasted already, also in a previous process. Default: 0. */
  readonly waitedMs?: number;
  /** How long the job may wait for an instance at a time; `Infinity` for no limit. */
  readonly capacityTimeoutMs: number;
  /** How long its container may take to start on an instance at a time; `Infinity` for no limit. */
  readonly startTimeoutMs: number;
  /** Keeps the current one of these waits over restarts. Default: it begins with the first look. */
  readonly memory?: WaitMemory<JobWait>;
  /** Longest delay between two checks; the first ones are shorter. */
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Called with each report, and with the reason why the job waits for an instance, if AWS gives one. */
  readonly onReport?: (job: JobReport, waitingReason: string | undefined) => void | Promise<void>;
}

/** DescribeJobs may not know a job for minutes after it was submitted. */
const APPEARS_WITHIN_MS = 5 * 60_000;
/** A known job is missing only after its retention, which is at least 7 days after its end. An empty response may be a failure of AWS. */
const RETURNS_WITHIN_MS = 2 * 60_000;

/**
 * Waits for the end of a job, or of all children of an array. Reads survive temporary failures of AWS until the time limit.
 *
 * @returns its report, even of a job that has failed
 * @throws PipelineError `BATCH_JOB_BLOCKED` (nothing can run it without a change in AWS), `BATCH_NO_CAPACITY` (it waited too long for an
 *   instance), `BATCH_START_FAILED` (its container did not start in time), `BATCH_JOB_NOT_FOUND`, `BATCH_ACCESS_DENIED`, `AWS_*`, `TIMED_OUT`, `ABORTED`. None of them terminates the job.
 */
export async function followJob(request: FollowJobOptions): Promise<JobReport> {
  const { batch, jobId, timeoutMs, waitedMs, capacityTimeoutMs, startTimeoutMs, pollMs, onReport } = request;
  const { clock = systemClock } = request;
  const limits = { instance: capacityTimeoutMs, container: startTimeoutMs };
  const waitTime = new WaitTime(clock, request.memory);
  const waitingReason = new WaitingReason(batch);
  let isKnown = false;
  let seenAt = clock.now();
  return await pollUntil({
    goal: `job ${jobId} to end`,
    check: async (signal): Promise<PollResult<JobReport>> => {
      const job = (await readJobs(batch, [jobId], signal, { everyMs: pollMs, clock })).get(jobId);
      if (!job) {
        const absentMs = clock.now() - seenAt;
        if (absentMs >= (isKnown ? RETURNS_WITHIN_MS : APPEARS_WITHIN_MS)) {
          throw notFound(jobId, absentMs);
        }
        return { wait: "not known to Batch" };
      }
      isKnown = true;
      seenAt = clock.now();
      if (isOver(job.state)) {
        await onReport?.(job, undefined);
        return { done: job };
      }
      const wait = waitTime.see(job);
      const reason = wait?.goal === "instance" ? await waitingReason.of(job, wait.waitedMs, signal) : undefined;
      await onReport?.(job, reason);
      waitTime.throwIfOver(job, { reason, limits });
      return { wait: reason === undefined ? job.state : `${job.state} (${reason})` };
    },
    delay: eagerDelay(pollMs),
    timeoutMs,
    waitedMs,
    signal: request.signal,
    clock,
  });
}

function notFound(jobId: string, absentMs: number): PipelineError {
  return new PipelineError(
    "BATCH_JOB_NOT_FOUND",
    `Batch has not known job ${jobId} for ${formatDuration(absentMs)}. It keeps ended jobs for at least 7 days: the job has expired, or belongs to another account or region.`,
    { details: { jobId } },
  );
}
