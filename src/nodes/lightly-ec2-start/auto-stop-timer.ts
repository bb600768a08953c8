import type { EC2Client } from "@aws-sdk/client-ec2";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { readShutdownBehavior, type ShutdownBehavior } from "../../services/ec2/shutdown-behavior.ts";
import { commandError } from "../../services/ssm/command-error.ts";
import { followCommand } from "../../services/ssm/follow-command.ts";
import { armShutdown, type TimerCommand } from "../../services/ssm/shutdown-timer.ts";
import { shutdownTimers } from "../shared/instances/shutdown-timers.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { renewWhileNeeded } from "./renew-while-needed.ts";

/** The shutdown behavior of each instance, undefined if it could not be read. */
export type EarlyReads = Map<string, Promise<ShutdownBehavior | undefined>>;

/** The instances of a timer, and its settings. */
export interface AutoStopTimerOptions {
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
  /** The context of the step that has started the instances. The timers are renewed for its run. */
  readonly context: StepContext;
  readonly instanceIds: readonly string[];
  /** How many minutes after the last renewal an instance stops. */
  readonly minutes: number;
  /** For the first timer of each instance. */
  readonly early?: EarlyReads | undefined;
  /** Aborted when the node closes. Then the renewals end, and the timers stay armed. */
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
  readonly clock?: Clock;
}

/** The number of renewals per timer: two of them may fail before the timer expires. */
const RENEWALS_PER_TIMER = 3;
/** The time limit of a request that sets a timer. */
const REQUEST_LIMIT_MS = 20_000;
/** SSM may refuse an instance for a moment after its agent is Online. The first refusal is retried after this delay. */
const FIRST_RETRY_MS = 15_000;
/** A command that has not ended after this time never will, because it must be delivered within a minute. */
const RESULT_LIMIT_MS = 180_000;
const RESULT_POLL_MS = 5000;

/** Starts to read what the first timers need. */
export function readEarly(ec2: EC2Client, instanceIds: readonly string[]): EarlyReads {
  const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
  const read = (instanceId: string) => readShutdownBehavior({ ec2, instanceId, signal }).catch(() => undefined);
  return new Map(instanceIds.map((id) => [id, read(id)]));
}

/**
 * Sets a shutdown timer on each instance and renews it while the run needs the instance. If Node-RED dies, the timer expires and the
 * instance stops. It never fails a step: a timer that can't be set causes one warning per instance, and a retry at the next renewal.
 */
export class AutoStopTimer {
  readonly #options: AutoStopTimerOptions;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  /** The instances that no stop step has stopped. */
  readonly #remaining: Set<string>;
  readonly #armed = new Set<string>();
  readonly #warned = new Set<string>();
  /** The instances whose first command SSM has refused. */
  readonly #refused = new Set<string>();
  /** When a stop step has started to stop an instance. */
  readonly #stoppingSince = new Map<string, number>();
  readonly #allStopped = new AbortController();
  readonly #signal: AbortSignal;

  constructor(options: AutoStopTimerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#intervalMs = (options.minutes * 60_000) / RENEWALS_PER_TIMER;
    this.#remaining = new Set(options.instanceIds);
    this.#signal = AbortSignal.any([options.signal, this.#allStopped.signal]);
  }

  /**
   * Sets the timers, and renews them in the background.
   *
   * @returns resolves when the commands were sent, or could not be sent, after 20 s at most; never rejects
   */
  async arm(): Promise<void> {
    const { context, instanceIds, minutes } = this.#options;
    const subscriptions = [
      context.events.subscribeNew("instances-stopping", (event) => this.#onStopping(event.instanceIds)),
      context.events.subscribeNew("instances-stopped", (event) => this.#onStopped(event.instanceIds)),
      context.events.subscribeNew("instances-lost", (event) => this.#onStopped(event.instanceIds)),
      // Other runs that use them have their own timers.
      context.events.subscribeNew("instances-released", (event) => this.#onStopped(event.instanceIds)),
    ];
    await this.#armAll();
    const renewing = renewWhileNeeded({
      lastsMs: minutes * 60_000,
      pauseMs: () => (this.#refused.size > 0 ? Math.min(FIRST_RETRY_MS, this.#intervalMs) : this.#intervalMs),
      isNeeded: () => [...this.#remaining].some((id) => context.instances.isNeeded(id)),
      renew: () => this.#armAll(),
      signal: this.#signal,
      clock: this.#clock,
    });
    void renewing
      .then(() => this.#stopRemaining())
      .catch((error: unknown) => this.#options.warn(toPipelineError(error).message))
      .finally(() => {
        for (const unsubscribe of subscriptions) {
          unsubscribe();
        }
        for (const instanceId of instanceIds) {
          shutdownTimers.release(instanceId, this);
        }
      });
  }

  async #armAll(): Promise<void> {
    const { instances } = this.#options.context;
    const needed = [...this.#remaining].filter((id) => instances.isNeeded(id) && !this.#isStopping(id));
    await Promise.all(needed.map((id) => this.#armOne(id)));
  }

  /** The timers have expired, and no run needs the instances. Node-RED stops those that could not get a timer. */
  #stopRemaining(): void {
    const { context, signal } = this.#options;
    if (!signal.aborted) {
      for (const id of [...this.#remaining].filter((left) => context.instances.neededByOthers(left).length === 0)) {
        void context.instances.stop(id, {}).catch(() => undefined);
      }
    }
  }

  /** One command per instance: in a request for several, one instance that can't receive it would leave all without a timer. */
  async #armOne(instanceId: string): Promise<void> {
    const { ec2, ssm, minutes } = this.#options;
    // A request in flight is not aborted when the node closes, because the timer is needed then.
    const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
    shutdownTimers.acquire(instanceId, this, minutes);
    try {
      const early = await this.#takeEarly(instanceId);
      if ((early ?? (await readShutdownBehavior({ ec2, instanceId, signal }))) === "terminate") {
        this.#warn(instanceId, TERMINATES_REASON);
      } else {
        const longest = shutdownTimers.longest(instanceId) ?? minutes;
        const command = await armShutdown({ ssm, instanceId, minutes: longest, signal });
        this.#armed.add(instanceId);
        this.#refused.delete(instanceId);
        void this.#watch(command);
      }
    } catch (error) {
      if (this.#isFirstRefusal(instanceId, error)) {
        this.#refused.add(instanceId);
      } else {
        this.#refused.delete(instanceId);
        this.#warn(instanceId, explain(error));
      }
    }
    if (!this.#armed.has(instanceId)) {
      shutdownTimers.release(instanceId, this);
    }
  }

  /** Once: a later timer must know a behavior that was changed meanwhile. */
  async #takeEarly(instanceId: string): Promise<ShutdownBehavior | undefined> {
    const { early } = this.#options;
    const read = early?.get(instanceId);
    early?.delete(instanceId);
    return await read;
  }

  #isFirstRefusal(instanceId: string, error: unknown): boolean {
    const isRefused = error instanceof PipelineError && error.code === "SSM_NOT_ONLINE";
    return isRefused && !this.#armed.has(instanceId) && !this.#refused.has(instanceId);
  }

  /** Checks the result of a command. A stop of the instance does not count as a failure of the command. */
  async #watch({ commandId, instanceId, commandLine }: TimerCommand): Promise<void> {
    const { ssm } = this.#options;
    try {
      // No step waits for the result: one request is enough.
      await this.#clock.sleep(RESULT_POLL_MS, this.#signal);
      const report = await followCommand({
        ssm,
        commandId,
        instanceId,
        until: "ended",
        timeoutMs: RESULT_LIMIT_MS,
        pollMs: RESULT_POLL_MS,
        signal: this.#signal,
        clock: this.#clock,
      });
      if (report.status !== "Success") {
        this.#warn(instanceId, commandError(report, commandLine).message);
      }
    } catch (error) {
      if (!this.#signal.aborted) {
        this.#warn(instanceId, explain(error));
      }
    }
  }

  /**
   * After the start of a stop, the timer is not renewed for one interval: hibernation would save a new timer in the memory of the
   * instance. If the instance is not stopped by then, the timer is renewed, before it expires.
   */
  #isStopping(instanceId: string): boolean {
    const since = this.#stoppingSince.get(instanceId);
    if (since !== undefined && this.#clock.now() - since >= this.#intervalMs) {
      this.#stoppingSince.delete(instanceId);
    }
    return this.#stoppingSince.has(instanceId);
  }

  #onStopping(instanceIds: readonly string[]): void {
    for (const id of instanceIds) {
      this.#stoppingSince.set(id, this.#clock.now());
    }
  }

  #onStopped(instanceIds: readonly string[]): void {
    for (const id of instanceIds) {
      this.#remaining.delete(id);
      shutdownTimers.release(id, this);
    }
    if (this.#remaining.size === 0) {
      this.#allStopped.abort();
    }
  }

  #warn(instanceId: string, reason: string): void {
    if (this.#warned.has(instanceId) || this.#stoppingSince.has(instanceId) || !this.#remaining.has(instanceId)) {
      return;
    }
    this.#warned.add(instanceId);
    this.#options.warn(`Instance ${instanceId} may not stop by itself if Node-RED dies. ${reason}`);
  }
}

const TERMINATES_REASON =
  'A shutdown from inside would destroy it with its disks: its instance-initiated shutdown behavior is "terminate", so no timer is set. Change that to "stop" (EC2 console: Actions > Instance settings > Change shutdown behavior), or set "Auto-stop" to 0.';

function explain(error: unknown): string {
  const { message } = toPipelineError(error);
  return `${message} The next renewal tries again.`;
}
