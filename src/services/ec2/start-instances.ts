import type { EC2Client } from "@aws-sdk/client-ec2";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { alignedDelay } from "../../polling/delay.ts";
import { requestWithin } from "../../polling/request-within.ts";
import { sleepOrAbort } from "../../polling/sleep-or-abort.ts";
import { AcceptedStart } from "./accepted-start.ts";
import { CapacityRetry } from "./capacity-retry.ts";
import { findInstances, nameInstances } from "./describe-instances.ts";
import type { InstanceSelector } from "./instance-selector.ts";
import { type InstanceState, isRunning, isUp, summarizeStates } from "./instance-state.ts";
import { reportChanges, type StateReporter } from "./report-changes.ts";
import { requestStart } from "./request-start.ts";
import { type StartMemory, StartWaits } from "./start-waits.ts";
import { pingedAfter, untilOnline, untilRunning } from "./until-running.ts";

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
  /** Keeps the waits over restarts, so that both limits count the time before. Default: they begin with this call. */
  readonly memory?: StartMemory;
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
  const waits = new StartWaits(clock, request.memory?.start);
  const before = await requestWithin({
    goal: `EC2 to describe ${"ids" in select ? nameInstances(select.ids) : "the tagged instances"}`,
    request: (checkSignal) => findInstances(ec2, select, checkSignal, { everyMs: pollMs, clock }),
    ...{ timeoutMs, signal, clock },
  });
  const ids = before.map(({ instanceId }) => instanceId);
  onState(before, summarizeStates(before));
  await request.onFound?.(before);

  const requestedAt = clock.wallNow();
  const capacity = new CapacityRetry({ ids, capacityTimeoutMs, clock, memory: request.memory?.capacity });
  let known: readonly InstanceState[] = before;
  let states: readonly InstanceState[] | undefined;
  while (!states) {
    // An earlier accepted start continues, unless an instance has to be started again.
    if (!known.every(isUp)) {
      await requestStart({
        ...{ ec2, ids, timeoutMs, capacity, capacityTimeoutMs, pollMs, signal, clock, onState },
        ...waits.begin("accepted"),
        known: known === before ? known : undefined,
        separately: request.separately,
      });
    }
    const { waitedMs, onAttempt } = waits.begin("ready");
    const acceptedAt = clock.now() - waitedMs;
    const start = new AcceptedStart(known, () => clock.now() - acceptedAt);
    const common = { ec2, ids, pollMs, delay: alignedDelay(pollMs, clock), timeoutMs, signal, clock };
    const wait = { ...common, start, onState, onAttempt };
    try {
      const running = known.every(isRunning) ? known : await untilRunning({ ...wait, waitedMs });
      const newerThan = new Map(running.map((state) => [state.instanceId, pingedAfter(state, before, requestedAt)]));
      states = ssm ? await untilOnline({ ...wait, waitedMs: clock.now() - acceptedAt }, ssm, newerThan) : running;
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
  capacity.end();
  const wereRunning = new Set(before.filter(isRunning).map(({ instanceId }) => instanceId));
  return {
    instanceIds: ids,
    instances: states.map((state) => ({ ...state, wasRunning: wereRunning.has(state.instanceId) })),
  };
}
