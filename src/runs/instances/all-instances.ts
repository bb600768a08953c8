import type { InstanceControl } from "../../instances/instance-control.ts";
import { InstanceGuard } from "../../instances/instance-guard.ts";
import { Leases } from "../../instances/leases.ts";
import { PoolQueue } from "../../instances/pool-queue.ts";
import { PowerStates } from "../../instances/power-states.ts";
import type { Clock } from "../../polling/clock.ts";
import { completedStops, isStartedBy, leasedInstances } from "../../records/left-running.ts";
import { LATE_MESSAGE_GRACE_MS } from "../recorded-run.ts";
import type { Run } from "../run.ts";
import type { RunRegistry } from "../run-registry.ts";
import { stopInstancesLeftRunning } from "./stop-left-running.ts";

/** The instances of all runs: which run uses which one, and the guards that stop those that no run needs. */
export class AllInstances {
  readonly leases = new Leases();
  readonly pools = new PoolQueue(this.leases);
  readonly power = new PowerStates();
  readonly #registry: RunRegistry;
  readonly #clock: Clock;
  readonly #guards = new Map<string, InstanceGuard>();
  /** Finds the clients of an account after the nodes that have used it were deleted. */
  findControl: (accountId: string) => InstanceControl | undefined = () => undefined;

  constructor(registry: RunRegistry, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
  }

  guardOf(instanceId: string): InstanceGuard {
    let guard = this.#guards.get(instanceId);
    if (!guard) {
      guard = this.#createGuard(instanceId);
      this.#guards.set(instanceId, guard);
    }
    return guard;
  }

  #createGuard(instanceId: string): InstanceGuard {
    const instanceIds = [instanceId];
    return new InstanceGuard(instanceId, {
      clock: this.#clock,
      isNeeded: () => this.leases.isUsed(instanceId),
      isLeased: () => this.leased().includes(instanceId),
      onStopping: () => this.#registry.broadcast({ kind: "instances-stopping", instanceIds }),
      onStopped: () => {
        this.leases.forgetReleased(instanceId);
        this.power.set(instanceId, false);
        this.#markStopped(instanceId);
        this.#registry.broadcast({ kind: "instances-stopped", instanceIds });
      },
      onForeign: () => this.#markStopped(instanceId),
      onLost: ({ state, reason }) => {
        this.power.set(instanceId, false);
        this.#markStopped(instanceId);
        const described = reason === undefined ? state : `${state} (${reason})`;
        this.#registry.broadcast({ kind: "instances-lost", instanceIds, state: described });
      },
    });
  }

  /** Grants free leases, and compares the wanted state of each instance with its actual state. Call it after changes of runs. */
  reconcile(): void {
    this.leases.recheck();
    this.pools.recheck();
    this.reconcileGuards();
  }

  reconcileGuards(): void {
    for (const guard of this.#guards.values()) {
      guard.reconcile();
    }
  }

  /** Call it after a change of a run. Stops the instances that the run will not stop itself. */
  runChanged(run: Run): void {
    if (!run.isActive) {
      this.leases.forget(run.runId);
    }
    stopInstancesLeftRunning(run);
  }

  /** Restores the leases of the runs of a previous process, before any other run can acquire them. */
  restore(runs: Iterable<Run>): void {
    const stops = completedStops(this.#registry.liveRecords());
    for (const run of runs) {
      this.leases.assign(run.runId, leasedInstances(run.liveRecord(), stops));
    }
  }

  /** The instances that any known run has leased, and that have not been stopped since. */
  leased(): string[] {
    const all = this.#registry.liveRecords();
    const stops = completedStops(all);
    return all.flatMap((run) => leasedInstances(run, stops));
  }

  /** Whether a run that is active, or has just ended, has started an instance. */
  isStartedByRun(instanceId: string): boolean {
    const all = this.#registry.liveRecords();
    const since = this.#registry.now() - LATE_MESSAGE_GRACE_MS;
    const recent = all.filter(({ endedAt = Number.POSITIVE_INFINITY }) => endedAt > since);
    return isStartedBy(instanceId, recent, all);
  }

  #markStopped(instanceId: string): void {
    for (const step of this.#registry.all.steps) {
      if (step.record.role === "start") {
        step.markStopped(instanceId);
      }
    }
  }
}
