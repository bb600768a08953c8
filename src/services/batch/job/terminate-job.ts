import type { BatchClient } from "@aws-sdk/client-batch";
import { type Clock, systemClock } from "../../../polling/clock.ts";
import { eagerDelay } from "../../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../../polling/poll-until.ts";
import { TerminateJobCommand } from "../../../sdk/batch.ts";
import { mapBatchError } from "../map-batch-error.ts";
import { isOver, type JobReport } from "./job-report.ts";
import { readJobs } from "./read-jobs.ts";

export interface TerminateJobOptions {
  readonly batch: BatchClient;
  readonly jobId: string;
  /** Becomes the `statusReason` of the job; shortened to the limit of AWS. */
  readonly reason: string;
  /** For the request and the end, in milliseconds. A container has 30 s after SIGTERM. */
  readonly timeoutMs: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

const REASON_CHARACTERS = 1024;
/** A job may have been submitted a moment ago: it is described later, and TerminateJob accepts unknown ids without any effect. */
const APPEARS_WITHIN_MS = 30_000;

/**
 * Terminates a job in any state, with all its children, and waits until it has ended: AWS accepts the request at once, and ends the job
 * later. A job that has ended already stays as it is. (CancelJob would succeed for a running job without any effect.)
 *
 * @returns its last report; undefined if Batch does not know the job any more
 * @throws PipelineError `BATCH_ACCESS_DENIED`, `AWS_*`, `TIMED_OUT`, `ABORTED`
 */
export async function terminateJob(request: TerminateJobOptions): Promise<JobReport | undefined> {
  const { batch, jobId, reason, timeoutMs, pollMs, clock = systemClock } = request;
  const beganAt = clock.now();
  let isRequested = false;
  let wasKnown = true;
  const terminate = async (abortSignal: AbortSignal): Promise<void> => {
    try {
      await batch.send(new TerminateJobCommand({ jobId, reason: reason.slice(0, REASON_CHARACTERS) || "terminated" }), {
        abortSignal,
      });
      isRequested = true;
    } catch (error) {
      throw mapBatchError(error, { action: "batch:TerminateJob", resource: `job ${jobId}` });
    }
  };
  return await pollUntil({
    goal: `job ${jobId} to be terminated`,
    check: async (signal): Promise<PollResult<JobReport | undefined>> => {
      if (!isRequested) {
        await terminate(signal);
      }
      const job = (await readJobs(batch, [jobId], signal, { everyMs: pollMs, clock })).get(jobId);
      const mayAppear = !job && clock.now() - beganAt < APPEARS_WITHIN_MS;
      if (!mayAppear && (!job || isOver(job.state))) {
        return { done: job };
      }
      // What was requested before Batch knew the job may have had no effect.
      isRequested = job !== undefined && wasKnown;
      wasKnown = job !== undefined;
      return { wait: job?.state ?? "not known to Batch" };
    },
    delay: eagerDelay(pollMs),
    timeoutMs,
    signal: request.signal,
    clock,
  });
}
