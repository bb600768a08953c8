import type { EC2Client } from "@aws-sdk/client-ec2";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { alignedDelay } from "../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../polling/poll-until.ts";
import { StopInstancesCommand } from "../../sdk/ec2.ts";
import { describeInstances, findInstances, nameInstances } from "./describe-instances.ts";
import type { InstanceSelector } from "./instance-selector.ts";
import { type InstanceState, isGone, summarizeStates } from "./instance-state.ts";
import { mapEc2Error } from "./map-ec2-error.ts";
import { mayBeStarting } from "./recent-starts.ts";
import { reportChanges, type StateReporter } from "./report-changes.ts";

/** Times in milliseconds. */
export interface StopInstancesOptions {
  readonly ec2: EC2Client;
  readonly select: InstanceSelector;
  /** Keep the content of the memory; an instance that was launched without hibernation is stopped normally. */
  readonly hibernate?: boolean;
  /** Also force the stop of instances that are stopping already, because one may be stuck in that state. */
  readonly force?: boolean;
  /** Wait until they are stopped, instead of until AWS has accepted the stop. */
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Called once, and awaited, before the first stop request. */
  readonly onFound?: (states: readonly InstanceState[]) => Promise<void>;
  /** Called once, when EC2 has accepted the stop of all instances. */
  readonly onAccepted?: () => void;
  /** Called when a state or the note about it changes. */
  readonly onState?: StateReporter;
  /** Called after each check with its state, as it reads in "The last state was: ...". */
  readonly onCheck?: (state: string) => void;
}

/** The stopped instances. */
export interface StoppedInstances {
  readonly instanceIds: string[];
  /** `wasStopped`: it was stopped before the first request. A terminated instance counts as stopped. */
  readonly instances: Array<InstanceState & { readonly wasStopped: boolean }>;
  /** Whether the content of the memory was kept. */
  readonly hibernated: boolean;
}

/** How long an accepted stop may not show in a description; an instance that runs after that was started again. */
const STALE_STATE_LASTS_MS = 60_000;

/**
 * Stops instances, and checks that they have stopped. Instances that are stopped, stopping or terminated already are a success.
 *
 * An instance whose start was requested within the last minute is checked until that start shows, or the minute is over: it may be shown
 * as stopped and run a moment later.
 *
 * Temporary failures (no response, throttling, an instance that is still starting) are retried until the limit, because nothing else would
 * stop the instance. For the same reason an instance that can't hibernate is stopped normally, and the result says so.
 *
 * @throws PipelineError `EC2_INSTANCE_INVALID`, `EC2_INSTANCE_NOT_FOUND`, `EC2_STOP_PROTECTED`, `EC2_STATE_UNSUPPORTED` (an instance
 *   store root), `EC2_ACCESS_DENIED`, `AWS_*`, `TIMED_OUT`, `ABORTED`
 */
export async function stopInstances(request: StopInstancesOptions): Promise<StoppedInstances> {
  const { ec2, select, wait, timeoutMs, pollMs, signal, clock = systemClock } = request;
  const onState = reportChanges(request.onState);
  const { hibernate = false, force = false } = request;
  const stop = new StopRequests({ ec2, hibernate, force, clock });
  let before: readonly InstanceState[] | undefined;
  let isFirstCheck = true;
  let hasReportedAccepted = false;

  const after = await pollUntil({
    goal: `${"ids" in select ? nameInstances(select.ids) : "the tagged instances"} to stop`,
    delay: alignedDelay(pollMs, clock),
    timeoutMs,
    signal,
    clock,
    onAttempt: ({ state }) => request.onCheck?.(state),
    check: async (checkSignal): Promise<PollResult<readonly InstanceState[]>> => {
      if (!before) {
        before = await findInstances(ec2, select, checkSignal, { everyMs: pollMs, clock });
        await request.onFound?.(before);
        checkSignal.throwIfAborted();
      }
      const ids = before.map(({ instanceId }) => instanceId);
      const now = isFirstCheck ? before : await describeInstances(ec2, ids, checkSignal, { everyMs: pollMs, clock });
      isFirstCheck = false;
      onState(now, summarizeStates(now));
      const isAccepted = await stop.request(now, checkSignal);
      onState(now, stop.note ?? summarizeStates(now));
      if (isAccepted && !hasReportedAccepted) {
        hasReportedAccepted = true;
        request.onAccepted?.();
      }
      const mayStillStart = now.some(
        ({ instanceId, state }) => state === "stopped" && mayBeStarting(instanceId, clock.now()),
      );
      if (mayStillStart) {
        return { wait: "stopped, but its start was requested a moment ago" };
      }
      return (wait ? now.every(isStopped) : isAccepted) ? { done: now } : { wait: stop.note ?? summarizeStates(now) };
    },
  });
  const wereStopped = new Set((before ?? []).filter(isStopped).map(({ instanceId }) => instanceId));
  return {
    instanceIds: after.map(({ instanceId }) => instanceId),
    instances: after.map((state) => ({ ...state, wasStopped: wereStopped.has(state.instanceId) })),
    hibernated:
      after.length > 0 &&
      stop.isHibernating &&
      after.every(({ state, reason }) => state !== "stopped" || isHibernation(reason)),
  };
}

function isStopped(state: InstanceState): boolean {
  return state.state === "stopped" || isGone(state);
}

/** AWS stops an instance normally if hibernation fails, which only the reason of the state shows. */
function isHibernation(reason: string | undefined): boolean {
  return reason === undefined || /hibernat/i.test(reason);
}

interface StopRequestsOptions {
  readonly ec2: EC2Client;
  readonly hibernate: boolean;
  readonly force: boolean;
  readonly clock: Clock;
}

/** The stop requests of one wait. */
class StopRequests {
  /** Why a request has to be repeated. */
  note: string | undefined;
  isHibernating: boolean;
  readonly #acceptedAt = new Map<string, number>();
  readonly #options: StopRequestsOptions;

  constructor(options: StopRequestsOptions) {
    this.#options = options;
    this.isHibernating = options.hibernate;
  }

  /** Requests the stop of instances that need it; returns whether AWS has accepted the stop of all. */
  async request(states: readonly InstanceState[], signal: AbortSignal): Promise<boolean> {
    this.note = undefined;
    const ids = states.filter((state) => this.#needsStop(state)).map(({ instanceId }) => instanceId);
    const failures: unknown[] = [];
    // One request per instance: in a common one, a single instance that can't be stopped would keep all others running.
    for (const id of ids) {
      await this.#requestOne(id, signal).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) {
      throw failures[0];
    }
    return this.note === undefined;
  }

  #needsStop({ instanceId, state }: InstanceState): boolean {
    const { force, clock } = this.#options;
    const acceptedAt = this.#acceptedAt.get(instanceId);
    const isActive = state === "running" || state === "pending" || (force && state === "stopping");
    return isActive && (acceptedAt === undefined || clock.now() - acceptedAt >= STALE_STATE_LASTS_MS);
  }

  async #requestOne(id: string, signal: AbortSignal): Promise<void> {
    const { ec2, force, clock } = this.#options;
    const how = force ? { Force: true } : this.isHibernating ? { Hibernate: true } : {};
    try {
      await ec2.send(new StopInstancesCommand({ InstanceIds: [id], ...how }), { abortSignal: signal });
      this.#acceptedAt.set(id, clock.now());
    } catch (cause) {
      const error = mapEc2Error(cause, { action: "ec2:StopInstances", resource: nameInstances([id]) });
      if (error.code === "EC2_HIBERNATION_UNSUPPORTED" && this.isHibernating) {
        this.isHibernating = false;
        await this.#requestOne(id, signal);
        return;
      }
      // An instance that is still starting refuses to stop until it runs.
      if (error.code !== "EC2_STATE_UNSUPPORTED" || error.details.awsCode !== "IncorrectInstanceState") {
        throw error;
      }
      this.note = `${id} is still starting and can't be stopped yet`;
    }
  }
}
