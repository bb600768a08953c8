import type { BatchClient, SubmitJobCommandInput } from "@aws-sdk/client-batch";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../../polling/clock.ts";
import { growingDelay } from "../../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../../polling/poll-until.ts";
import { SubmitJobCommand } from "../../../sdk/batch.ts";
import { sendOnce, UncertainSendError } from "../../aws/clients/send-once.ts";
import { mapBatchError } from "../map-batch-error.ts";
import { findEarlierJob, type SubmittedJob } from "./find-job.ts";

export interface SubmitJobOptions {
  readonly batch: BatchClient;
  /** Of `jobInput`. Its name must be unique, because a job whose response was lost is found by it. */
  readonly input: SubmitJobCommandInput;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** How long a refusal for the request rate, or a network without a connection, is tolerated. */
const ACCEPTS_WITHIN_MS = 2 * 60_000;

/**
 * Submits a job, at most once: SubmitJob has no idempotency token. If it is unknown whether a job was accepted, it is searched by its name
 * and never submitted again. An abort has an effect only before the request is sent; a job that was submitted is always returned, so that
 * the caller can terminate it.
 *
 * @returns the id of the job; save it before anything else
 * @throws PipelineError `BATCH_REQUEST_INVALID`, `BATCH_QUEUE_UNUSABLE`, `BATCH_DEFINITION_UNUSABLE`, `BATCH_SUBMIT_UNCERTAIN`,
 *   `BATCH_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function submitJob({
  batch,
  input,
  signal,
  clock = systemClock,
}: SubmitJobOptions): Promise<SubmittedJob> {
  const jobName = input.jobName ?? "";
  const resource = `job ${jobName} on queue ${input.jobQueue}`;
  let refusal: PipelineError | undefined;
  const check = async (checkSignal: AbortSignal): Promise<PollResult<SubmittedJob>> => {
    try {
      const command = new SubmitJobCommand(input);
      const { jobId } = await sendOnce(command, checkSignal, (one, options) => batch.send(one, options));
      if (!jobId) {
        throw new UncertainSendError(new Error("The response contains no job id."));
      }
      return { done: { jobId, jobName } };
    } catch (error) {
      if (error instanceof UncertainSendError) {
        return { done: await findUncertain({ batch, input, clock }, error) };
      }
      refusal = mapBatchError(error, { action: "batch:SubmitJob", resource });
      throw refusal;
    }
  };
  try {
    return await pollUntil({
      goal: `Batch to accept ${resource}`,
      check,
      delay: growingDelay({ firstMs: 1000, limitMs: 15_000, jitter: 0.5 }),
      timeoutMs: ACCEPTS_WITHIN_MS,
      // An aborted check would leave a job whose id is lost; `sendOnce` has its own limits.
      finishChecks: true,
      signal,
      clock,
    });
  } catch (error) {
    throw error instanceof PipelineError && error.code === "TIMED_OUT" ? (refusal ?? error) : error;
  }
}

async function findUncertain(
  { batch, input, clock }: Pick<SubmitJobOptions, "batch" | "input"> & { readonly clock: Clock },
  uncertain: UncertainSendError,
): Promise<SubmittedJob> {
  const { jobName = "", jobQueue: queue = "" } = input;
  const why = mapBatchError(uncertain.original, {
    action: "batch:SubmitJob",
    resource: `job ${jobName} on queue ${queue}`,
  });
  const signal = new AbortController().signal;
  let searched = "Batch does not list it, but may do so later";
  try {
    const found = await findEarlierJob({ batch, queue, jobName, signal, intendedAt: clock.wallNow(), clock });
    if (found) {
      return found;
    }
  } catch {
    searched = "the search for it failed (it requires the action batch:ListJobs)";
  }
  throw new PipelineError(
    "BATCH_SUBMIT_UNCERTAIN",
    `The connection broke, or Batch failed, while job ${jobName} was being submitted: it may be running, and ${searched}. Search queue ${queue} for this name before you run the step again.`,
    { details: { jobName, queue, reason: why.message }, cause: why },
  );
}
