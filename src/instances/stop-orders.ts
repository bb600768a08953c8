import type { PipelineError } from "../errors/pipeline-error.ts";
import type { InstanceState } from "../services/ec2/instance-state.ts";
import type { StopOptions, StoppedInstance } from "./instance-control.ts";

/** An order to stop the instance. */
export interface StopOrder extends StopOptions {
  /** The run that no longer needs the instance. */
  readonly by?: string;
  /** Identifies the order, so that it is not placed twice. */
  readonly key?: string;
  /** Whether to stop the instance even if a run uses it. */
  readonly anyway?: boolean;
  /** Stop it only if its last start was before this time (milliseconds since 1970). After a later start it belongs to someone else. */
  readonly launchedBefore?: number;
  readonly onAccepted?: () => void;
  readonly onState?: (state: InstanceState, note: string) => void;
  /** Called after each request with the state, as it reads in "The last state was: ...". */
  readonly onCheck?: (state: string) => void;
  /** An attempt has failed. The next one follows. */
  readonly onRetry?: (error: PipelineError) => void;
}

interface PendingOrder {
  readonly order: StopOrder;
  readonly settle: (stopped: StoppedInstance | undefined) => void;
  readonly fail: (error: PipelineError) => void;
}

/** The orders to stop one instance, until it has stopped. All of them are carried out together. */
export class StopOrders {
  readonly #pending = new Set<PendingOrder>();

  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  get all(): StopOrder[] {
    return [...this.#pending].map(({ order }) => order);
  }

  /** See {@link settle} and {@link fail}. */
  add(order: StopOrder): Promise<StoppedInstance | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<StoppedInstance | undefined>();
    this.#pending.add({ order, settle: resolve, fail: reject });
    return promise;
  }

  /** The shortest time after which an order wants the instance stopped by force, in milliseconds. */
  get forceAfterMs(): number {
    return Math.min(...this.all.map((order) => order.forceAfterMs ?? Number.POSITIVE_INFINITY));
  }

  /** Whether every order that says something about it wants hibernation. */
  get hibernate(): boolean {
    const choices = this.all.flatMap(({ hibernate }) => hibernate ?? []);
    return choices.length > 0 && choices.every(Boolean);
  }

  /** Whether the instance was started after all orders, so that none of them is for it. */
  areAllBefore({ launchedAt }: InstanceState): boolean {
    return this.all.every(
      ({ launchedBefore }) =>
        launchedBefore !== undefined && launchedAt !== undefined && Date.parse(launchedAt) > launchedBefore,
    );
  }

  /** Calls a callback of each order. */
  notify(call: (order: StopOrder) => void): void {
    for (const order of this.all) {
      call(order);
    }
  }

  /** Resolves orders, by default all of them. */
  settle(stopped: StoppedInstance | undefined, which: (order: StopOrder) => boolean = () => true): void {
    for (const pending of [...this.#pending].filter(({ order }) => which(order))) {
      this.#pending.delete(pending);
      pending.settle(stopped);
    }
  }

  /** Rejects all orders. */
  fail(error: PipelineError): void {
    for (const pending of this.#pending) {
      this.#pending.delete(pending);
      pending.fail(error);
    }
  }
}
