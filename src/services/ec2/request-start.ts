import { type EC2Client, StartInstancesCommand } from "@aws-sdk/client-ec2";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { Clock } from "../../polling/clock.ts";
import { alignedDelay } from "../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../polling/poll-until.ts";
import type { CapacityRetry } from "./capacity-retry.ts";
import { describeInstances, nameInstances } from "./describe-instances.ts";
import { type InstanceState, isGone, summarizeStates } from "./instance-state.ts";
import { mapEc2Error } from "./map-ec2-error.ts";
import { forgetStart, recordStart } from "./recent-starts.ts";
import type { StateReporter } from "./report-changes.ts";

/** What {@link requestStart} takes; times in milliseconds. */
export interface RequestStartOptions {
  readonly ec2: EC2Client;
  readonly ids: readonly string[];
  /** Limit of waiting out a stop that is under way. */
  readonly timeoutMs: number;
  /** What is known of a lack of capacity, and how long it may last. */
  readonly capacity: CapacityRetry;
  readonly capacityTimeoutMs: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly onState: StateReporter;
}

/** A stopped spot instance refuses a start for some seconds; when EC2 interrupted it, for good. */
const SPOT_SETTLES_WITHIN_MS = 60_000;

/**
 * Has AWS accept the start of instances: waits while they are stopping, starts what is stopped, and asks again (30 s, 60 s, 120 s,
 * ... later) while there is no capacity. Instances that run or start already need nothing.
 *
 * @throws PipelineError `EC2_INSTANCE_TERMINATED`, `EC2_NO_CAPACITY` (after `capacityTimeoutMs`), `EC2_SPOT_UNAVAILABLE`,
 *   `EC2_QUOTA_EXCEEDED`, `EC2_STATE_UNSUPPORTED`, `EC2_ACCESS_DENIED`, `EC2_INSTANCE_NOT_FOUND`, `AWS_*`, `TIMED_OUT`, `ABORTED`
 */
export async function requestStart(acceptance: RequestStartOptions): Promise<void> {
  const { capacity, clock, timeoutMs, capacityTimeoutMs, pollMs, signal } = acceptance;
  const refusals = new Refusals(acceptance);
  const pollPause = alignedDelay(pollMs, clock);
  try {
    await pollUntil({
      goal: `${nameInstances(acceptance.ids)} to accept a start`,
      check: (checkSignal) => startWhatIsStopped({ ...acceptance, signal: checkSignal }, refusals),
      delay: (attempt) => refusals.pauseMs ?? pollPause(attempt),
      timeoutMs: Math.max(timeoutMs, capacityTimeoutMs),
      signal,
      clock,
    });
  } catch (error) {
    const isForCapacity = refusals.pauseMs !== undefined;
    const timedOut = error instanceof PipelineError && error.code === "TIMED_OUT";
    throw timedOut && isForCapacity ? (capacity.error ?? error) : error;
  }
}

async function startWhatIsStopped(
  { ec2, ids, signal, clock, onState }: RequestStartOptions,
  refusals: Refusals,
): Promise<PollResult<undefined>> {
  refusals.pauseMs = undefined;
  const states = await describeInstances(ec2, ids, signal);
  refuseGone(states);
  const stopped = states.filter(({ state }) => state === "stopped").map(({ instanceId }) => instanceId);
  if (stopped.length > 0) {
    recordStart(stopped, clock.now());
    try {
      await ec2.send(new StartInstancesCommand({ InstanceIds: stopped }), { abortSignal: signal });
    } catch (cause) {
      const error = mapEc2Error(cause, { action: "ec2:StartInstances", resource: nameInstances(stopped) });
      // Cut off or unanswered, EC2 may have taken it.
      if (!error.isAbort && !error.retryable) {
        forgetStart(stopped);
      }
      const note = refusals.judge(error);
      onState(states, note);
      return { wait: note };
    }
    onState(states, "start accepted");
  }
  if (states.some(({ state }) => state === "stopping")) {
    onState(states, "waiting for the stop under way to end");
    return { wait: summarizeStates(states) };
  }
  return { done: undefined };
}

/** An instance that is gone for good ends every wait at once. */
export function refuseGone(states: readonly InstanceState[]): void {
  const gone = states.find(isGone);
  if (gone) {
    throw new PipelineError(
      "EC2_INSTANCE_TERMINATED",
      `Instance ${gone.instanceId} is ${gone.state}${gone.reason ? ` (${gone.reason})` : ""} and can't be started again. Use another instance.`,
      { details: { ...gone } },
    );
  }
}

/** Tells a refusal that may pass from one that will not. */
class Refusals {
  /** How long to wait before the next try, instead of the usual pause. */
  pauseMs: number | undefined;
  readonly #acceptance: RequestStartOptions;
  #spotSince: number | undefined;

  constructor(acceptance: RequestStartOptions) {
    this.#acceptance = acceptance;
  }

  /** Says what to wait for, or throws the refusal. */
  judge(error: PipelineError): string {
    if (error.code === "EC2_NO_CAPACITY") {
      const { capacity } = this.#acceptance;
      const note = capacity.lacking(error);
      this.pauseMs = capacity.pauseMs;
      return note;
    }
    if (error.code === "EC2_SPOT_UNAVAILABLE") {
      this.#spotSince ??= this.#acceptance.clock.now();
      if (this.#acceptance.clock.now() - this.#spotSince < SPOT_SETTLES_WITHIN_MS) {
        return "stopped, its spot request not settled yet";
      }
    }
    // The look just before may have been out of date: the next one sees the state that refused the start.
    if (error.code === "EC2_STATE_UNSUPPORTED" && error.details.awsCode === "IncorrectInstanceState") {
      return "stopped, but EC2 does not take the start yet";
    }
    throw error;
  }
}
