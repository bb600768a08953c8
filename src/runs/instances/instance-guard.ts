import { type PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import type { Clock } from "../../polling/clock.ts";
import { growingDelay } from "../../polling/delay.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import type { InstanceControl, StopManner, StoppedInstance } from "./instance-control.ts";
import { watchInstance } from "./watch-instance.ts";

/** A wish to have the instance off. */
export interface StopOrder extends StopManner {
  /** The run that no longer needs the instance. */
  readonly by?: string;
  /** Names the order, so that it is not given twice. */
  readonly key?: string;
  /** Stop it although a run uses it. */
  readonly anyway?: boolean;
  /** Only if it was last started before this moment, in milliseconds since 1970: what someone else has started since stays on. */
  readonly launchedBefore?: number;
  readonly onAccepted?: () => void;
  readonly onState?: (state: InstanceState, note: string) => void;
  /** What each look found, as it reads in "The last state was: ...". */
  readonly onLook?: (state: string) => void;
  /** A try has failed; the next one follows. */
  readonly onTrouble?: (error: PipelineError) => void;
}

/** What a guard tells, and asks. */
export interface GuardOptions {
  /** Whether a run uses the instance now. */
  readonly isNeeded: () => boolean;
  /** An order is carried out from now on. */
  readonly onStopping: () => void;
  /** EC2 says that the instance is off, after an order. */
  readonly onOff: () => void;
  /** The instance was started since by someone else. */
  readonly onForeign: () => void;
  /** The instance is off, or on its way there, although a run uses it and no order was given. */
  readonly onLost: (state: InstanceState) => void;
  readonly clock: Clock;
}

interface Wish {
  readonly order: StopOrder;
  readonly settle: (stopped: StoppedInstance | undefined) => void;
  readonly fail: (error: PipelineError) => void;
}

/** One try ends at the latest after this; the next one begins with a fresh look. */
const TRY_MS = 5 * 60_000;
const MAX_PAUSE_MS = 60_000;
/** EC2 may not know a new id for seconds; what it does not know for so many tries in a row is gone. */
const UNKNOWN_TRIES = 5;

/**
 * Sees to it that one instance is off when no run needs it. It is level-triggered: each pass compares what is wanted (orders, and
 * the runs that use the instance) with what EC2 says, and takes one step. A pass that fails is repeated, so a missed event or a
 * refused request costs time and never leaves the instance on.
 */
export class InstanceGuard {
  readonly instanceId: string;
  readonly #options: GuardOptions;
  /** The newest first; each of another account. */
  #controls: InstanceControl[] = [];
  readonly #wishes = new Set<Wish>();
  #stopping: AbortController | undefined;
  #watching: AbortController | undefined;
  #stoppedBy: string | undefined;
  /** When EC2 has accepted the stop that is under way. */
  #acceptedAt: number | undefined;
  #wasSeen = false;
  #isOn = false;
  #isReported = false;

  constructor(instanceId: string, options: GuardOptions) {
    this.instanceId = instanceId;
    this.#options = options;
  }

  /** Whether it can ask EC2 anything. */
  get hasControl(): boolean {
    return this.#controls.length > 0;
  }

  /** The run whose order was the latest; undefined once another start is expected. */
  get stoppedBy(): string | undefined {
    return this.#stoppedBy;
  }

  /** Whether the instance is to be stopped. */
  get isStopping(): boolean {
    return this.#wishes.size > 0;
  }

  hasOrder(key: string): boolean {
    return this.#orders.some((order) => order.key === key);
  }

  /** Uses these clients from now on; those of other accounts stay as a reserve. */
  use(control: InstanceControl): void {
    this.#controls = [control, ...this.#controls.filter(({ accountId }) => accountId !== control.accountId)];
    this.reconcile();
  }

  /** Whether the user has not been told yet that the instance can't be stopped; who asks, tells. */
  isNews(): boolean {
    const isNews = !this.#isReported;
    this.#isReported = true;
    return isNews;
  }

  /** Tells the user something about the instance. */
  warn(text: string): void {
    this.#controls[0]?.warn(text);
  }

  /** A start was asked for, or has succeeded (`isOn`): from then on the instance is looked at. */
  expect(isOn: boolean): void {
    this.#wasSeen = true;
    this.#isOn = isOn;
    this.#stoppedBy = undefined;
    this.#isReported = false;
    this.reconcile();
  }

  /**
   * Has the instance stopped, whatever fails in between.
   *
   * @returns what EC2 said at the end; undefined when a run needs the instance again, so that it stays on
   * @throws PipelineError `EC2_INSTANCE_NOT_FOUND` or `EC2_INSTANCE_INVALID` for an instance that no run has ever used
   */
  stop(order: StopOrder): Promise<StoppedInstance | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<StoppedInstance | undefined>();
    this.#wishes.add({ order, settle: resolve, fail: reject });
    this.#stoppedBy = order.by;
    this.reconcile();
    return promise;
  }

  /** Compares what is wanted with what is being done; to be called whenever a run has changed. */
  reconcile(): void {
    const isNeeded = this.#options.isNeeded();
    if (isNeeded) {
      this.#settle(undefined, ({ order }) => order.anyway !== true);
    }
    if (this.#wishes.size > 0 && !this.#stopping && this.hasControl) {
      this.#stopping = new AbortController();
      void this.#stopUntilOff(this.#stopping.signal);
    }
    this.#watchWhile(this.#isOn && isNeeded && this.#wishes.size === 0 && this.hasControl);
  }

  /** Never rejects. */
  async #stopUntilOff(signal: AbortSignal): Promise<void> {
    const { onStopping, onOff } = this.#options;
    this.#acceptedAt = undefined;
    let unknown = 0;
    onStopping();
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const control = this.#controls[(attempt - 1) % this.#controls.length];
      if (!control) {
        return;
      }
      try {
        const stopped = await this.#tryToStop(control, signal);
        this.#isOn = false;
        // First the orders: what is off is free, and the next run may need it at once.
        this.#settle(stopped);
        onOff();
        return;
      } catch (thrown) {
        const error = toPipelineError(thrown);
        unknown = isUnknown(error) ? unknown + 1 : 0;
        if (signal.aborted || this.#isOver(error, unknown)) {
          return;
        }
        for (const { order } of this.#wishes) {
          order.onTrouble?.(error);
        }
        await this.#pause(control, attempt, signal);
      }
    }
  }

  async #tryToStop(control: InstanceControl, signal: AbortSignal): Promise<StoppedInstance> {
    const now = this.#options.clock.now();
    const forceAfterMs = Math.min(...this.#orders.map((order) => order.forceAfterMs ?? Number.POSITIVE_INFINITY));
    // An instance that was never asked to stop is asked in an orderly way first, however long that was refused.
    const leftMs = forceAfterMs - (this.#acceptedAt === undefined ? 0 : now - this.#acceptedAt);
    return await control.stop({
      instanceId: this.instanceId,
      hibernate: this.#hibernates(),
      force: leftMs <= 0,
      timeoutMs: leftMs <= 0 ? TRY_MS : Math.min(TRY_MS, leftMs),
      signal,
      prepare: async (state) => {
        this.#wasSeen = true;
        if (this.#orders.every((order) => isForeign(order, state))) {
          this.#options.onForeign();
          this.#settle(undefined);
          return;
        }
        await Promise.all(this.#orders.map((order) => order.prepare?.(state)));
      },
      onAccepted: () => {
        this.#acceptedAt ??= this.#options.clock.now();
        for (const order of this.#orders) {
          order.onAccepted?.();
        }
      },
      onState: (state, note) => {
        for (const order of this.#orders) {
          order.onState?.(state, note);
        }
      },
      onLook: (state) => {
        for (const order of this.#orders) {
          order.onLook?.(state);
        }
      },
    });
  }

  /** An id that EC2 does not know is a mistake of the user, or an instance that is gone for good. */
  #isOver(error: PipelineError, unknown: number): boolean {
    if (!isUnknown(error)) {
      return false;
    }
    if (!this.#wasSeen) {
      for (const wish of this.#wishes) {
        this.#wishes.delete(wish);
        wish.fail(error);
      }
      this.#stopping = undefined;
      return true;
    }
    if (unknown < UNKNOWN_TRIES * this.#controls.length) {
      return false;
    }
    this.#isOn = false;
    const reason = "EC2 no longer knows the instance.";
    const instance = { instanceId: this.instanceId, state: "terminated", reason, wasStopped: true } as const;
    this.#settle({ instance, hibernated: false });
    this.#options.onOff();
    return true;
  }

  async #pause({ pollMs }: InstanceControl, attempt: number, signal: AbortSignal): Promise<void> {
    const pause = growingDelay({ firstMs: Math.min(1000, pollMs), limitMs: MAX_PAUSE_MS });
    await this.#options.clock.sleep(pause(attempt), signal).catch(() => undefined);
  }

  #watchWhile(isWatched: boolean): void {
    if (!isWatched) {
      this.#watching?.abort();
      this.#watching = undefined;
      return;
    }
    const [control] = this.#controls;
    if (this.#watching || !control) {
      return;
    }
    const watching = new AbortController();
    this.#watching = watching;
    const { clock, onLost } = this.#options;
    void watchInstance({ instanceId: this.instanceId, control, clock, signal: watching.signal }).then((state) => {
      if (state && !watching.signal.aborted) {
        this.#isOn = false;
        this.#watching = undefined;
        onLost(state);
      }
    });
  }

  #hibernates(): boolean {
    const opinions = this.#orders.flatMap(({ hibernate }) => hibernate ?? []);
    return opinions.length > 0 && opinions.every(Boolean);
  }

  get #orders(): StopOrder[] {
    return [...this.#wishes].map(({ order }) => order);
  }

  #settle(stopped: StoppedInstance | undefined, which: (wish: Wish) => boolean = () => true): void {
    for (const wish of [...this.#wishes].filter(which)) {
      this.#wishes.delete(wish);
      wish.settle(stopped);
    }
    if (this.#wishes.size === 0) {
      this.#stopping?.abort();
      this.#stopping = undefined;
      this.#isReported = false;
    }
  }
}

function isForeign({ launchedBefore }: StopOrder, { launchedAt }: InstanceState): boolean {
  return launchedBefore !== undefined && launchedAt !== undefined && Date.parse(launchedAt) > launchedBefore;
}

function isUnknown({ code }: PipelineError): boolean {
  return code === "EC2_INSTANCE_NOT_FOUND" || code === "EC2_INSTANCE_INVALID";
}
