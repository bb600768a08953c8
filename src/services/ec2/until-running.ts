import type { EC2Client } from "@aws-sdk/client-ec2";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { Clock } from "../../polling/clock.ts";
import type { DelayPolicy } from "../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../polling/poll-until.ts";
import { notOnlineError, readAgents } from "../ssm/agents.ts";
import type { AcceptedStart } from "./accepted-start.ts";
import { describeInstances, nameInstances } from "./describe-instances.ts";
import { type InstanceState, isRunning, summarizeStates } from "./instance-state.ts";
import type { StateReporter } from "./report-changes.ts";
import { throwIfGone } from "./request-start.ts";

/** The options of both waits after an accepted start. */
interface WaitOptions {
  readonly ec2: EC2Client;
  readonly ids: readonly string[];
  readonly pollMs: number;
  readonly delay: DelayPolicy;
  readonly timeoutMs: number;
  /** How long the wait has lasted already. */
  readonly waitedMs: number;
  /** Called when it has to go on. */
  readonly onAttempt: () => void;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly start: AcceptedStart;
  readonly onState: StateReporter;
}

/** Waits until the instances run. */
export async function untilRunning({
  ec2,
  ids,
  pollMs,
  start,
  onState,
  ...wait
}: WaitOptions): Promise<InstanceState[]> {
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

/** Waits until the agents of the instances are Online. Checks the instances too, because the agent of one that has stopped never becomes Online. */
export async function untilOnline(
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
export function pingedAfter(now: InstanceState, before: readonly InstanceState[], requestedAt: number): number {
  const earlier = before.find(({ instanceId }) => instanceId === now.instanceId);
  if (earlier?.state === "running") {
    return 0;
  }
  const isNewLaunch = earlier?.state === "pending" || now.launchedAt !== earlier?.launchedAt;
  return now.launchedAt !== undefined && isNewLaunch ? Date.parse(now.launchedAt) : requestedAt;
}
