import { PipelineError, toPipelineError } from "../errors/pipeline-error.ts";
import { isAccountUnset } from "../errors/unset-account.ts";
import type { Clock } from "../polling/clock.ts";
import { growingDelay } from "../polling/delay.ts";
import type { InstanceState } from "../services/ec2/instance-state.ts";
import type { InstanceControl, StoppedInstance } from "./instance-control.ts";
import { LossWatch } from "./loss-watch.ts";
import { type StopOrder, StopOrders } from "./stop-orders.ts";

/** The callbacks of a guard. */
interface GuardOptions {
  /** Whether a run uses the instance now. */
  readonly isNeeded: () => boolean;
  /** Whether a run has leased the instance, which has not been stopped since. */
  readonly isLeased: () => boolean;
  /** The guard starts to process an order. */
  readonly onStopping: () => void;
  /** EC2 reports the instance as stopped, after an order. */
  readonly onStopped: () => void;
  /** Someone else has started the instance since. */
  readonly onForeign: () => void;
  /** The instance is stopped or stopping, although a run uses it and there was no order. */
  readonly onLost: (state: InstanceState) => void;
  readonly clock: Clock;
}

/** The time limit of one attempt. The next one starts with a new request for the state. */
const ATTEMPT_TIMEOUT_MS = 5 * 60_000;
const MAX_PAUSE_MS = 60_000;
/** EC2 may not know a new id for some seconds. After this many consecutive attempts, an unknown instance counts as terminated. */
const MAX_UNKNOWN_ATTEMPTS = 5;

/**
 * Stops one instance when no run needs it. The guard is level-triggered: each pass compares the wanted state (orders, and the runs that
 * use the instance) with the state that EC2 reports, and takes one step. A failed pass is repeated, so a missed event or a refused request
 * costs time, and never keeps the instance running.
 */
export class InstanceGuard {
  readonly instanceId: string;
  readonly #options: GuardOptions;
  /** Newest first, one per account. */
  #controls: InstanceControl[] = [];
  readonly #orders = new StopOrders();
  #stopping: AbortController | undefined;
  /** Ends the current attempt to stop the instance, and the pause after it. */
  #attempt: AbortController | undefined;
  readonly #watch: LossWatch;
  #stoppedBy: string | undefined;
  /** When EC2 has accepted the current stop. */
  #acceptedAt: number | undefined;
  #isKnown = false;
  #isRunning = false;
  #isReported = false;

  constructor(instanceId: string, options: GuardOptions) {
    this.instanceId = instanceId;
    this.#options = options;
    this.#watch = new LossWatch(instanceId, options.clock, (state) => {
      this.#isRunning = false;
      options.onLost(state);
    });
  }

  /** Whether the guard can send requests to EC2. */
  get hasControl(): boolean {
    return this.#controls.length > 0;
  }

  /** The run that has placed the latest order; undefined after the next start. */
  get stoppedBy(): string | undefined {
    return this.#stoppedBy;
  }

  /** Whether there is an order. */
  get isStopping(): boolean {
    return !this.#orders.isEmpty;
  }

  hasOrder(key: string): boolean {
    return this.#orders.all.some((order) => order.key === key);
  }

  /**
   * Uses these clients at once. The clients of other accounts are tried if they fail. An attempt with earlier clients is given up: they may
   * be those of an account whose faults the user has just corrected, and it takes minutes until such an attempt has failed.
   */
  useControl(control: InstanceControl): void {
    this.#controls = [control, ...this.#controls.filter(({ accountId }) => accountId !== control.accountId)];
    this.#attempt?.abort();
    this.#watch.end();
    this.reconcile();
  }

  /** Returns true once per incident: then the caller reports that the instance can't be stopped. */
  reportOnce(): boolean {
    const isFirst = !this.#isReported;
    this.#isReported = true;
    return isFirst;
  }

  /** Warns the user about the instance. */
  warn(text: string): void {
    this.#controls[0]?.warn(text);
  }

  /** A start was requested, or has succeeded (`isRunning`): from then on the instance is watched. */
  expectRunning(isRunning: boolean): void {
    this.#isKnown = true;
    this.#isRunning = isRunning;
    this.#stoppedBy = undefined;
    this.#isReported = false;
    this.reconcile();
  }

  /**
   * Checks a watched instance now, because what ran on it has failed. Resolves when the loss was reported, if it is lost. Never rejects: a
   * failed check is ignored, as the watch repeats it.
   */
  async check(): Promise<void> {
    await this.#watch.check();
  }

  /**
   * Stops the instance, whatever fails in between.
   *
   * @returns the last state that EC2 has reported; undefined if a run needs the instance again, so that it keeps running
   * @throws PipelineError for an instance that no run has used: `EC2_INSTANCE_NOT_FOUND` or `EC2_INSTANCE_INVALID`, and the error of an
   *   account that has no credentials or no region
   */
  stop(order: StopOrder): Promise<StoppedInstance | undefined> {
    const stopped = this.#orders.add(order);
    this.#stoppedBy = order.by;
    this.reconcile();
    return stopped;
  }

  /** Compares the wanted state with the current work of the guard. Call it after each change of a run. */
  reconcile(): void {
    const isNeeded = this.#options.isNeeded();
    if (isNeeded) {
      this.#settle(undefined, (order) => order.anyway !== true);
    }
    if (!this.#orders.isEmpty && !this.#stopping && this.hasControl) {
      this.#stopping = new AbortController();
      void this.#stopUntilStopped(this.#stopping.signal);
    }
    if (this.#isRunning && isNeeded && this.#orders.isEmpty) {
      this.#watch.start(this.#controls[0]);
    } else {
      this.#watch.end();
    }
  }

  /** Never rejects. */
  async #stopUntilStopped(signal: AbortSignal): Promise<void> {
    const { onStopping, onStopped } = this.#options;
    this.#acceptedAt = undefined;
    let unknown = 0;
    let unset = 0;
    onStopping();
    let current = new AbortController();
    for (let attempt = 1; !signal.aborted; attempt = current.signal.aborted ? 1 : attempt + 1) {
      const control = this.#controls[(attempt - 1) % this.#controls.length];
      if (!control) {
        return;
      }
      current = new AbortController();
      this.#attempt = current;
      const given = AbortSignal.any([signal, current.signal]);
      try {
        const stopped = await this.#tryToStop(control, given);
        this.#isRunning = false;
        // Before the other callbacks: a stopped instance is free, and the next run may need it immediately.
        this.#settle(stopped);
        onStopped();
        return;
      } catch (thrown) {
        if (current.signal.aborted) {
          continue;
        }
        const error = toPipelineError(thrown);
        unknown = isUnknown(error) ? unknown + 1 : 0;
        unset = isAccountUnset(error) ? unset + 1 : 0;
        if (signal.aborted || this.#endIfUnknown(error, unknown) || this.#endIfUnset(error, unset)) {
          return;
        }
        this.#orders.notify((order) => order.onRetry?.(error));
        await this.#pause(control, attempt, given);
      }
    }
  }

  async #tryToStop(control: InstanceControl, signal: AbortSignal): Promise<StoppedInstance> {
    const now = this.#options.clock.now();
    const forceAfterMs = this.#orders.forceAfterMs;
    // The first accepted request is never forced, however long requests were refused before.
    const leftMs = forceAfterMs - (this.#acceptedAt === undefined ? 0 : now - this.#acceptedAt);
    return await control.stop({
      instanceId: this.instanceId,
      hibernate: this.#orders.hibernate,
      force: leftMs <= 0,
      timeoutMs: leftMs <= 0 ? ATTEMPT_TIMEOUT_MS : Math.min(ATTEMPT_TIMEOUT_MS, leftMs),
      signal,
      prepare: async (state) => {
        this.#isKnown = true;
        if (this.#orders.areAllBefore(state)) {
          this.#options.onForeign();
          this.#settle(undefined);
          return;
        }
        await Promise.all(this.#orders.all.map((order) => order.prepare?.(state)));
      },
      onAccepted: () => {
        this.#acceptedAt ??= this.#options.clock.now();
        this.#orders.notify((order) => order.onAccepted?.());
      },
      onState: (state, note) => this.#orders.notify((order) => order.onState?.(state, note)),
      onCheck: (state) => this.#orders.notify((order) => order.onCheck?.(state)),
    });
  }

  /** An id that EC2 does not know is a typo, or belongs to a terminated instance. */
  #endIfUnknown(error: PipelineError, unknown: number): boolean {
    if (!isUnknown(error)) {
      return false;
    }
    if (!this.#isKnown) {
      this.#fail(error);
      return true;
    }
    if (unknown < MAX_UNKNOWN_ATTEMPTS * this.#controls.length) {
      return false;
    }
    this.#isRunning = false;
    const reason = "EC2 no longer knows the instance.";
    const instance = { instanceId: this.instanceId, state: "terminated", reason, wasStopped: true } as const;
    this.#settle({ instance, hibernated: false });
    this.#options.onStopped();
    return true;
  }

  /** Nothing is left running if no run has used the instance, and no account has what a request requires. */
  #endIfUnset({ code, message, details, cause }: PipelineError, unset: number): boolean {
    if (unset < Math.max(1, this.#controls.length) || this.#isKnown || this.#options.isLeased()) {
      return false;
    }
    const text = `${message} No run has started ${this.instanceId}, so the stop is not repeated.`;
    this.#fail(new PipelineError(code, text, { details, cause }));
    return true;
  }

  #fail(error: PipelineError): void {
    this.#orders.fail(error);
    this.#stopping = undefined;
  }

  async #pause({ pollMs }: InstanceControl, attempt: number, signal: AbortSignal): Promise<void> {
    const pause = growingDelay({ firstMs: Math.min(1000, pollMs), limitMs: MAX_PAUSE_MS });
    await this.#options.clock.sleep(pause(attempt), signal).catch(() => undefined);
  }

  #settle(stopped: StoppedInstance | undefined, which?: (order: StopOrder) => boolean): void {
    this.#orders.settle(stopped, which);
    if (this.#orders.isEmpty) {
      this.#stopping?.abort();
      this.#stopping = undefined;
      this.#isReported = false;
    }
  }
}

function isUnknown({ code }: PipelineError): boolean {
  return code === "EC2_INSTANCE_NOT_FOUND" || code === "EC2_INSTANCE_INVALID";
}
