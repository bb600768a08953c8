import type { EC2Client } from "@aws-sdk/client-ec2";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { alignedDelay, type DelayPolicy } from "../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../polling/poll-until.ts";
import { requestWithin } from "../../polling/request-within.ts";
import { sleepOrAbort } from "../../polling/sleep-or-abort.ts";
import { notOnlineError, readAgents } from "../ssm/agents.ts";
import { AcceptedStart } from "./accepted-start.ts";
import { CapacityRetry } from "./capacity-retry.ts";
import { describeInstances, findInstances, nameInstances } from "./describe-instances.ts";
import type { InstanceSelector } from "./instance-selector.ts";
import { type InstanceState, summarizeStates } from "./instance-state.ts";
import { reportChanges, type StateReporter } from "./report-changes.ts";
import { requestStart, throwIfGone } from "./request-start.ts";

/** Times in milliseconds. */
export interface StartInstancesOptions {
  readonly ec2: EC2Client;
  /** If set, the SSM agent of each instance must be Online too. */
  readonly ssm?: SSMClient;
  readonly select: InstanceSelector;
  /** Whether an error about one of several instances must name it in `details.instanceId`. */
  readonly separately?: boolean;
  /** Limit from the accepted start to running and Online; also for the end of a stop in progress. */
  readonly timeoutMs: number;
  /** How long to retry while there is no capacity. */
  readonly capacityTimeoutMs: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Called once, and awaited, before the first start request. */
  readonly onFound?: (states: readonly InstanceState[]) => void | Promise<void>;
  /** Called when a state or the note about it changes. */
  readonly onState?: StateReporter;
}

/** The running instances. */
export interface StartedInstances {
  readonly instanceIds: string[];
  /** `wasRunning`: it was running before the first request. */
  readonly instances: Array<InstanceState & { readonly wasRunning: boolean }>;
}

/**
 * Starts instances and waits until they run and, with `ssm`, accept commands. Instances that run already are a success.
 *
 * @throws PipelineError `EC2_INSTANCE_INVALID`, `EC2_INSTANCE_NOT_FOUND`, `EC2_INSTANCE_TERMINATED`, `EC2_START_FAILED` (returned to
 *   stopped), `EC2_NO_CAPACITY`, `EC2_QUOTA_EXCEEDED`, `EC2_SPOT_UNAVAILABLE`, `EC2_STATE_UNSUPPORTED`, `EC2_ACCESS_DENIED`,
 *   `SSM_NOT_ONLINE`, `SSM_ACCESS_DENIED`, `AWS_*`, `TIMED_OUT`, `ABORTED`
 */
export async function startInstances(request: StartInstancesOptions): Promise<StartedInstances> {
  const { ec2, ssm, select, timeoutMs, capacityTimeoutMs, pollMs, signal, clock = systemClock } = request;
  const onState = reportChanges(request.onState);
  const before = await requestWithin({
    goal: `EC2 to describe ${"ids" in select ? nameInstances(select.ids) : "the tagged instances"}`,
    request: (checkSignal) => findInstances(ec2, select, checkSignal, { everyMs: pollMs, clock }),
    ...{ timeoutMs, signal, clock },
  });
  const ids = before.map(({ instanceId }) => instanceId);
  onState(before, summarizeStates(before));
  await request.onFound?.(before);

  const requestedAt = clock.wallNow();
  const capacity = new CapacityRetry({ ids, capacityTimeoutMs, clock });
  let known: readonly InstanceState[] = before;
  let states: readonly InstanceState[] | undefined;
  while (!states) {
    if (!known.every(isRunning)) {
      await requestStart({
        ec2,
        ids,
        known: known === before ? known : undefined,
        separately: request.separately,
        timeoutMs,
        capacity,
        capacityTimeoutMs,
        pollMs,
        signal,
        clock,
        onState,
      });
    }
    const acceptedAt = clock.now();
    const start = new AcceptedStart(known, () => clock.now() - acceptedAt);
    const wait: WaitOptions = {
      ec2,
      ids,
      pollMs,
      delay: alignedDelay(pollMs, clock),
      timeoutMs,
      signal,
      clock,
      start,
      onState,
    };
    try {
      const running = known.every(isRunning) ? known : await untilRunning(wait);
      const newerThan = new Map(running.map((state) => [state.instanceId, pingedAfter(state, before, requestedAt)]));
      const leftMs = Math.max(0, timeoutMs - (clock.now() - acceptedAt));
      states = ssm ? await untilOnline({ ...wait, timeoutMs: leftMs }, ssm, newerThan) : running;
    } catch (error) {
      if (!(error instanceof PipelineError) || error.code !== "EC2_NO_CAPACITY") {
        throw error;
      }
      // Accepted, but without capacity: retried like a refusal, within the same limit.
      onState(start.states, capacity.record(error));
      await sleepOrAbort(clock, capacity.delayMs, signal);
      known = start.states;
    }
  }
  const wereRunning = new Set(before.filter(isRunning).map(({ instanceId }) => instanceId));
  return {
    instanceIds: ids,
    instances: states.map((state) => ({ ...state, wasRunning: wereRunning.has(state.instanceId) })),
  };
}

/** The options of both waits after an accepted start. */
interface WaitOptions {
  readonly ec2: EC2Client;
  readonly ids: readonly string[];
  readonly pollMs: number;
  readonly delay: DelayPolicy;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly start: AcceptedStart;
  readonly onState: StateReporter;
}

async function untilRunning({ ec2, ids, pollMs, start, onState, ...wait }: WaitOptions): Promise<InstanceState[]> {
  return await pollUntil({
    ...wait,
    goal: `${nameInstances(ids)} to run`,
    check: async (signal): Promise<PollResult<InstanceState[]>> => {
      const now = await describeInstances(ec2, ids, signal, { everyMs: pollMs, clock: wait.clock });
      onState(now, summarizeStates(now));
      throwIfGone(now);
      start.throwIfStopped(now);
      return now.every(isRunning) ? { done: now } : { wait: summarizeStates(now) };
    },
  });
}

/** Checks the instances too, because the agent of one that has stopped never becomes Online. */
async function untilOnline(
  { ec2, ids, pollMs, start, onState, ...wait }: WaitOptions,
  ssm: SSMClient,
  newerThan: ReadonlyMap<string, number>,
): Promise<InstanceState[]> {
  const every = { everyMs: pollMs, clock: wait.clock };
  const check = async (signal: AbortSignal): Promise<PollResult<InstanceState[]>> => {
    const [now, agents] = await Promise.all([
      describeInstances(ec2, ids, signal, every),
      readAgents(ssm, ids, signal, every),
    ]);
    throwIfGone(now);
    start.throwIfStopped(now);
    const silent = ids.filter((id) => !agents.get(id)?.isOnlineSince(newerThan.get(id) ?? 0));
    onState(now, silent.length === 0 ? "online" : "running, waiting for the SSM agent");
    return silent.length === 0 ? { done: now } : { wait: `running, but no SSM agent Online on ${silent.join(", ")}` };
  };
  try {
    return await pollUntil({ ...wait, goal: `the SSM agent of ${nameInstances(ids)} to be Online`, check });
  } catch (error) {
    throw error instanceof PipelineError && error.code === "TIMED_OUT" ? notOnlineError(error, ids) : error;
  }
}

/**
 * The time after which an agent's ping counts: an older one is from before the instance was stopped. The start time of EC2 is used where
 * it is known, because it does not depend on the clock of this machine.
 */
function pingedAfter(now: InstanceState, before: readonly InstanceState[], requestedAt: number): number {
  const earlier = before.find(({ instanceId }) => instanceId === now.instanceId);
  if (earlier?.state === "running") {
    return 0;
  }
  const isNewLaunch = earlier?.state === "pending" || now.launchedAt !== earlier?.launchedAt;
  return now.launchedAt !== undefined && isNewLaunch ? Date.parse(now.launchedAt) : requestedAt;
}

function isRunning({ state }: InstanceState): boolean {
  return state === "running";
}
