import type { Clock } from "../../polling/clock.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import type { InstanceControl } from "./instance-control.ts";
import { InstanceGuard } from "./instance-guard.ts";
import type { Leases } from "./leases.ts";

/** What the guards of all instances need, and whom they tell. */
export interface InstanceGuardsOptions {
  readonly leases: Leases;
  readonly clock: Clock;
  /** An instance is being stopped from now on. */
  readonly onStopping: (instanceId: string) => void;
  /** EC2 says that an instance is off, after it was asked to stop it. */
  readonly onOff: (instanceId: string) => void;
  /** An instance was started by someone else since. */
  readonly onForeign: (instanceId: string) => void;
  /** An instance went off under the runs that use it. */
  readonly onLost: (instanceId: string, state: InstanceState) => void;
}

/** The guards of all instances that runs of this Node-RED have to do with. */
export class InstanceGuards {
  readonly #guards = new Map<string, InstanceGuard>();
  readonly #options: InstanceGuardsOptions;

  constructor(options: InstanceGuardsOptions) {
    this.#options = options;
  }

  of(instanceId: string): InstanceGuard {
    const { leases, clock, onStopping, onOff, onForeign, onLost } = this.#options;
    let guard = this.#guards.get(instanceId);
    if (!guard) {
      guard = new InstanceGuard(instanceId, {
        isNeeded: () => leases.isUsed(instanceId),
        onStopping: () => onStopping(instanceId),
        onOff: () => {
          // An instance that is off is free, whatever its runs still do elsewhere.
          leases.free(instanceId);
          onOff(instanceId);
        },
        onForeign: () => onForeign(instanceId),
        onLost: (state) => onLost(instanceId, state),
        clock,
      });
      this.#guards.set(instanceId, guard);
    }
    return guard;
  }

  /** Lends clients to the guards of instances. */
  use(instanceIds: readonly string[], control: InstanceControl): void {
    for (const id of instanceIds) {
      this.of(id).use(control);
    }
  }

  /** To be called whenever a run has changed. */
  reconcile(): void {
    for (const guard of this.#guards.values()) {
      guard.reconcile();
    }
  }
}
