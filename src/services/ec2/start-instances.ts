import type { EC2Client } from "@aws-sdk/client-ec2";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { alignedDelay } from "../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../polling/poll-until.ts";
import { notOnlineError, readAgents } from "../ssm/agents.ts";
import { describeInstances, findInstances, nameInstances } from "./describe-instances.ts";
import type { InstanceSelector } from "./instance-selector.ts";
import { type InstanceState, summarizeStates } from "./instance-state.ts";
import { reportChanges, type StateReporter } from "./report-changes.ts";
import { refuseGone, requestStart } from "./request-start.ts";

/** What {@link startInstances} takes; times in milliseconds. */
export interface StartRequest {
  readonly ec2: EC2Client;
  /** When given, the SSM agent of each instance must be Online too. */
  readonly ssm?: SSMClient;
  readonly select: InstanceSelector;
  /** Limit from the accepted start to running and Online; also of waiting out a stop that is under way. */
  readonly timeoutMs: number;
  /** How long a lack of capacity may last. */
  readonly capacityTimeoutMs: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Called when a state or the note about it changes. */
  readonly onState?: StateReporter;
}

/** What runs now. */
export interface StartedInstances {
  readonly instanceIds: string[];
  /** `wasRunning`: it was running before anything was asked. */
  readonly instances: Array<InstanceState & { readonly wasRunning: boolean }>;
}

/** A describe right after an accepted start may still say `stopped`: EC2 is eventually consistent. */
const STALE_STATE_LASTS_MS = 60_000;

/**
 * Starts instances and waits until they run and, with `ssm`, take commands. Instances that run already are success.
 *
 * @throws PipelineError `EC2_INSTANCE_INVALID`, `EC2_INSTANCE_NOT_FOUND`, `EC2_INSTANCE_TERMINATED`, `EC2_START_FAILED` (fell back to
 *   stopped), `EC2_NO_CAPACITY`, `EC2_QUOTA_EXCEEDED`, `EC2_SPOT_UNAVAILABLE`, `EC2_STATE_UNSUPPORTED`, `EC2_ACCESS_DENIED`,
 *   `SSM_NOT_ONLINE`, `SSM_ACCESS_DENIED`, `AWS_*`, `TIMED_OUT`, `ABORTED`
 */
export async function startInstances(request: StartRequest): Promise<StartedInstances> {
  const { ec2, ssm, select, timeoutMs, capacityTimeoutMs, pollMs, signal, clock = systemClock } = request;
  const onState = reportChanges(request.onState);
  const before = await findInstances(ec2, select, signal);
  const ids = before.map(({ instanceId }) => instanceId);
  onState(before, summarizeStates(before));

  const askedAt = clock.now();
  await requestStart({ ec2, ids, timeoutMs, capacityTimeoutMs, pollMs, signal, clock, onState });
  const acceptedAt = clock.now();
  const wait = { delay: alignedDelay(pollMs, clock), signal, clock };
  const fallBack = new FallBack(before, () => clock.now() - acceptedAt);
  let states = await pollUntil({
    ...wait,
    goal: `${nameInstances(ids)} to run`,
    timeoutMs,
    check: async (): Promise<PollResult<InstanceState[]>> => {
      const now = await describeInstances(ec2, ids, signal);
      onState(now, summarizeStates(now));
      refuseGone(now);
      fallBack.refuse(now);
      return now.every(({ state }) => state === "running") ? { done: now } : { wait: summarizeStates(now) };
    },
  });

  if (ssm) {
    const newerThan = new Map(states.map((state) => [state.instanceId, pingedAfter(state, before, askedAt)]));
    states = await pollUntil({
      ...wait,
      goal: `the SSM agent of ${nameInstances(ids)} to be Online`,
      timeoutMs: Math.max(0, timeoutMs - (clock.now() - acceptedAt)),
      check: async (): Promise<PollResult<InstanceState[]>> => {
        const [now, agents] = await Promise.all([describeInstances(ec2, ids, signal), readAgents(ssm, ids, signal)]);
        refuseGone(now);
        fallBack.refuse(now);
        const silent = ids.filter((id) => !agents.get(id)?.isOnlineSince(newerThan.get(id) ?? 0));
        const note = silent.length === 0 ? "online" : "running, waiting for the SSM agent";
        onState(now, note);
        return silent.length === 0 ? { done: now } : { wait: `without ${silent.join(", ")}` };
      },
    }).catch((error: unknown) => {
      throw error instanceof PipelineError && error.code === "TIMED_OUT" ? notOnlineError(error, ids) : error;
    });
  }
  const wereRunning = new Set(before.filter(({ state }) => state === "running").map(({ instanceId }) => instanceId));
  return {
    instanceIds: ids,
    instances: states.map((state) => ({ ...state, wasRunning: wereRunning.has(state.instanceId) })),
  };
}

/**
 * The moment after which an agent's ping counts: an older one is from before the instance was stopped. EC2's own start time is used
 * where it is known, since it needs no agreement between this machine's clock and AWS's.
 */
function pingedAfter(now: InstanceState, before: readonly InstanceState[], askedAt: number): number {
  const earlier = before.find(({ instanceId }) => instanceId === now.instanceId);
  if (earlier?.state === "running") {
    return 0;
  }
  const isNewLaunch = earlier?.state === "pending" || now.launchedAt !== earlier?.launchedAt;
  return now.launchedAt !== undefined && isNewLaunch ? Date.parse(now.launchedAt) : askedAt;
}

/** Recognises an instance that was accepted for a start and fell back to stopped, as one does whose volume's key it may not use. */
class FallBack {
  readonly #seenPending = new Set<string>();
  readonly #before: readonly InstanceState[];
  readonly #sinceAcceptedMs: () => number;

  constructor(before: readonly InstanceState[], sinceAcceptedMs: () => number) {
    this.#before = before;
    this.#sinceAcceptedMs = sinceAcceptedMs;
  }

  refuse(states: readonly InstanceState[]): void {
    for (const state of states) {
      if (state.state === "pending" || state.state === "running") {
        this.#seenPending.add(state.instanceId);
      } else if (state.state === "stopped" && this.#isNews(state)) {
        throw new PipelineError(
          "EC2_START_FAILED",
          `Instance ${state.instanceId} fell back to stopped while it was starting${state.reason ? ` (${state.reason})` : ""}. If its volume is encrypted with a customer key, these credentials need kms:CreateGrant on that key; otherwise look at the instance in the EC2 console.`,
          { details: { ...state } },
        );
      }
    }
  }

  #isNews({ instanceId, reason }: InstanceState): boolean {
    const earlier = this.#before.find((state) => state.instanceId === instanceId);
    const hasNewReason = earlier?.state === "stopped" && reason !== earlier.reason;
    return this.#seenPending.has(instanceId) || hasNewReason || this.#sinceAcceptedMs() >= STALE_STATE_LASTS_MS;
  }
}
