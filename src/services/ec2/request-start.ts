import type { EC2Client } from "@aws-sdk/client-ec2";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { Clock } from "../../polling/clock.ts";
import { alignedDelay } from "../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../polling/poll-until.ts";
import { StartInstancesCommand } from "../../sdk/ec2.ts";
import type { CapacityRetry } from "./capacity-retry.ts";
import { describeInstances, nameInstances } from "./describe-instances.ts";
import { type InstanceState, isGone, summarizeStates } from "./instance-state.ts";
import { mapEc2Error } from "./map-ec2-error.ts";
import { forgetStart, recordStart } from "./recent-starts.ts";
import type { StateReporter } from "./report-changes.ts";

/** Times in milliseconds. */
export interface RequestStartOptions {
  readonly ec2: EC2Client;
  readonly ids: readonly string[];
  /** The current states, if they are known. */
  readonly known?: readonly InstanceState[] | undefined;
  /** Whether each instance gets a request of its own, so that an error names the one that can't be started. */
  readonly separately?: boolean;
  /** Limit for the end of a stop in progress. */
  readonly timeoutMs: number;
  /** How long the wait for an accepted start has lasted in a previous process, and since its end. */
  readonly waitedMs: number;
  /** Called when it has to wait. */
  readonly onAttempt: () => void;
  /** The retries while there is no capacity. */
  readonly capacity: CapacityRetry;
  readonly capacityTimeoutMs: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly onState: StateReporter;
}

/** A stopped spot instance refuses a start for some seconds; permanently if EC2 has interrupted it. */
const SPOT_SETTLES_WITHIN_MS = 60_000;

/**
 * Requests the start of instances until AWS accepts it: waits while they are stopping, starts those that are stopped, and retries (after
 * 30 s, 60 s, 120 s, ...) while there is no capacity. Instances that are running or starting already need no request.
 *
 * @throws PipelineError `EC2_INSTANCE_TERMINATED`, `EC2_NO_CAPACITY` (after `capacityTimeoutMs`), `EC2_SPOT_UNAVAILABLE`,
 *   `EC2_QUOTA_EXCEEDED`, `EC2_STATE_UNSUPPORTED`, `EC2_ACCESS_DENIED`, `EC2_INSTANCE_NOT_FOUND`, `AWS_*`, `TIMED_OUT`, `ABORTED`
 */
export async function requestStart(options: RequestStartOptions): Promise<void> {
  const { ec2, ids, capacity, clock, timeoutMs, waitedMs, capacityTimeoutMs, pollMs, signal, onAttempt } = options;
  const refusals = new Refusals(options);
  const pollDelay = alignedDelay(pollMs, clock);
  let { known } = options;
  try {
    await pollUntil({
      goal: `${nameInstances(ids)} to accept a start`,
      check: async (checkSignal) => {
        const states = known ?? (await describeInstances(ec2, ids, checkSignal, { everyMs: pollMs, clock }));
        known = undefined;
        return await startStopped({ ...options, signal: checkSignal }, states, refusals);
      },
      delay: (attempt) => refusals.delayMs ?? pollDelay(attempt),
      timeoutMs: Math.max(timeoutMs, capacityTimeoutMs),
      ...{ waitedMs, signal, clock, onAttempt },
    });
  } catch (error) {
    const isForCapacity = refusals.delayMs !== undefined;
    const timedOut = error instanceof PipelineError && error.code === "TIMED_OUT";
    throw timedOut && isForCapacity ? (capacity.lastError ?? error) : error;
  }
}

async function startStopped(
  options: RequestStartOptions,
  states: readonly InstanceState[],
  refusals: Refusals,
): Promise<PollResult<undefined>> {
  const { separately = false, onState } = options;
  refusals.delayMs = undefined;
  throwIfGone(states);
  const stopped = states.filter(({ state }) => state === "stopped").map(({ instanceId }) => instanceId);
  for (const some of separately ? stopped.map((id) => [id]) : stopped.length > 0 ? [stopped] : []) {
    const error = await requestOnce(some, options);
    if (error) {
      const note = refusals.stateFor(error);
      onState(states, note);
      return { wait: note };
    }
  }
  if (stopped.length > 0) {
    onState(states, "start accepted");
  }
  if (states.some(({ state }) => state === "stopping")) {
    onState(states, "waiting for the stop in progress to end");
    return { wait: summarizeStates(states) };
  }
  return { done: undefined };
}

/** Returns EC2's refusal. */
async function requestOnce(
  ids: readonly string[],
  { ec2, signal, clock }: RequestStartOptions,
): Promise<PipelineError | undefined> {
  recordStart(ids, clock.now());
  try {
    await ec2.send(new StartInstancesCommand({ InstanceIds: [...ids] }), { abortSignal: signal });
    return undefined;
  } catch (cause) {
    const error = mapEc2Error(cause, { action: "ec2:StartInstances", resource: nameInstances(ids) });
    // EC2 may have accepted a request that was aborted or got no response.
    if (!error.isAbort && !error.retryable) {
      forgetStart(ids);
    }
    return ids.length === 1 ? named(error, ids[0]) : error;
  }
}

function named(error: PipelineError, instanceId: string | undefined): PipelineError {
  const { code, message, retryable, details, cause } = error;
  return new PipelineError(code, message, { retryable, details: { instanceId, ...details }, cause });
}

/** Ends a wait for an instance that is terminated. */
export function throwIfGone(states: readonly InstanceState[]): void {
  const gone = states.find(isGone);
  if (gone) {
    throw new PipelineError(
      "EC2_INSTANCE_TERMINATED",
      `Instance ${gone.instanceId} is ${gone.state}${gone.reason ? ` (${gone.reason})` : ""} and can't be started again. Use another instance.`,
      { details: { ...gone } },
    );
  }
}

/** Distinguishes temporary from permanent refusals of a start. */
class Refusals {
  /** The delay before the next attempt, instead of the usual one. */
  delayMs: number | undefined;
  readonly #options: RequestStartOptions;
  #spotSince: number | undefined;

  constructor(options: RequestStartOptions) {
    this.#options = options;
  }

  /** The state for a temporary refusal; throws a permanent one. */
  stateFor(error: PipelineError): string {
    if (error.code === "EC2_NO_CAPACITY") {
      const { capacity } = this.#options;
      const note = capacity.record(error);
      this.delayMs = capacity.delayMs;
      return note;
    }
    if (error.code === "EC2_SPOT_UNAVAILABLE") {
      this.#spotSince ??= this.#options.clock.now();
      if (this.#options.clock.now() - this.#spotSince < SPOT_SETTLES_WITHIN_MS) {
        return "stopped, its spot request does not allow a start yet";
      }
    }
    // The state before the request may have been stale: the next check shows the state that refused the start.
    if (error.code === "EC2_STATE_UNSUPPORTED" && error.details.awsCode === "IncorrectInstanceState") {
      return "stopped, but EC2 does not accept the start yet";
    }
    throw error;
  }
}
