import { type EC2Client, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { alignedDelay } from "../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../polling/poll-until.ts";
import { describeInstances, findInstances, nameInstances } from "./describe-instances.ts";
import type { InstanceSelector } from "./instance-selector.ts";
import { type InstanceState, isGone, summarizeStates } from "./instance-state.ts";
import { mapEc2Error } from "./map-ec2-error.ts";
import { mayBeStarting } from "./recent-starts.ts";
import { reportChanges, type StateReporter } from "./report-changes.ts";

/** What {@link stopInstances} takes; times in milliseconds. */
export interface StopInstancesOptions {
  readonly ec2: EC2Client;
  readonly select: InstanceSelector;
  /** Keep the memory's content; an instance that was not launched with hibernation enabled is stopped without. */
  readonly hibernate?: boolean;
  /** Also ask again for the stop of what is stopping, by cutting its power: an instance may be stuck there. */
  readonly force?: boolean;
  /** Wait until they are stopped, rather than until AWS has accepted the stop. */
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Called once, and waited for, before the first request to stop. */
  readonly onFound?: (states: readonly InstanceState[]) => Promise<void>;
  /** Called once, when EC2 has accepted the stop of everything. */
  readonly onAccepted?: () => void;
  /** Called when a state or the note about it changes. */
  readonly onState?: StateReporter;
  /** Called after each look with what it found, as it reads in "The last state was: ...". */
  readonly onCheck?: (state: string) => void;
}

/** What no longer runs. */
export interface StoppedInstances {
  readonly instanceIds: string[];
  /** `wasStopped`: there was nothing to stop. A terminated instance counts as stopped: nothing is left running. */
  readonly instances: Array<InstanceState & { readonly wasStopped: boolean }>;
  /** Whether the memory's content was kept. */
  readonly hibernated: boolean;
}

/** An accepted stop may take so long to show in a describe; an instance that runs after that was started again. */
const STALE_STATE_LASTS_MS = 60_000;

/**
 * Stops instances, and makes sure by looking that they have stopped. What is stopped, stopping or terminated already is success.
 *
 * An instance whose start was asked for through the same client within the last minute is looked at until that start shows, or the
 * minute is over: it may be shown as stopped and run a moment later.
 *
 * What may pass by itself (no answer, throttling, an instance still starting) is tried again until the limit: nobody else would stop
 * the machine. For the same reason an instance that can't hibernate is stopped without, and the result says so.
 *
 * @throws PipelineError `EC2_INSTANCE_INVALID`, `EC2_INSTANCE_NOT_FOUND`, `EC2_STOP_PROTECTED`, `EC2_STATE_UNSUPPORTED` (an instance
 *   store root), `EC2_ACCESS_DENIED`, `AWS_*`, `TIMED_OUT`, `ABORTED`
 */
export async function stopInstances(request: StopInstancesOptions): Promise<StoppedInstances> {
  const { ec2, select, wait, timeoutMs, pollMs, signal, clock = systemClock } = request;
  const onState = reportChanges(request.onState);
  const { hibernate = false, force = false } = request;
  const stop = new Stop({ ec2, hibernate, force, clock });
  let before: readonly InstanceState[] | undefined;
  let isFirstLook = true;
  let isToldAccepted = false;

  const after = await pollUntil({
    goal: `${"ids" in select ? nameInstances(select.ids) : "the tagged instances"} to stop`,
    delay: alignedDelay(pollMs, clock),
    timeoutMs,
    signal,
    clock,
    onAttempt: ({ state }) => request.onCheck?.(state),
    check: async (checkSignal): Promise<PollResult<readonly InstanceState[]>> => {
      if (!before) {
        before = await findInstances(ec2, select, checkSignal);
        await request.onFound?.(before);
        checkSignal.throwIfAborted();
      }
      const ids = before.map(({ instanceId }) => instanceId);
      const now = isFirstLook ? before : await describeInstances(ec2, ids, checkSignal);
      isFirstLook = false;
      onState(now, summarizeStates(now));
      const isAccepted = await stop.request(now, checkSignal);
      onState(now, stop.note ?? summarizeStates(now));
      if (isAccepted && !isToldAccepted) {
        isToldAccepted = true;
        request.onAccepted?.();
      }
      const isComing = now.some(
        ({ instanceId, state }) => state === "stopped" && mayBeStarting(instanceId, clock.now()),
      );
      if (isComing) {
        return { wait: "stopped, but its start was asked for a moment ago" };
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

/** AWS shuts down normally when hibernating fails, and tells so only by the reason of the state. */
function isHibernation(reason: string | undefined): boolean {
  return reason === undefined || /hibernat/i.test(reason);
}

interface StopOptions {
  readonly ec2: EC2Client;
  readonly hibernate: boolean;
  readonly force: boolean;
  readonly clock: Clock;
}

/** The stop requests of one wait. */
class Stop {
  /** Why a request has to be made again. */
  note: string | undefined;
  isHibernating: boolean;
  readonly #acceptedAt = new Map<string, number>();
  readonly #options: StopOptions;

  constructor(options: StopOptions) {
    this.#options = options;
    this.isHibernating = options.hibernate;
  }

  /** Stops what runs and was not stopped yet; tells whether AWS has accepted the stop of everything. */
  async request(states: readonly InstanceState[], signal: AbortSignal): Promise<boolean> {
    this.note = undefined;
    const ids = states.filter((state) => this.#needsStop(state)).map(({ instanceId }) => instanceId);
    const failures: unknown[] = [];
    // One by one: of several in one request, a single one that can't be stopped would keep all the others running.
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
    const isOn = state === "running" || state === "pending" || (force && state === "stopping");
    return isOn && (acceptedAt === undefined || clock.now() - acceptedAt >= STALE_STATE_LASTS_MS);
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
