import type { StoppedInstance } from "./instance-control.ts";
import type { StopOrder } from "./instance-guard.ts";
import type { InstanceGuards } from "./instance-guards.ts";
import type { Claimant, InstanceClaim, Leases } from "./leases.ts";
import type { RunInstances } from "./run-instances.ts";

/** What the run itself knows of its instances. */
type KnownToTheRun = Pick<
  RunInstances,
  "isOnForARun" | "foundRunning" | "isNeeded" | "isScriptComing" | "isStopComing" | "claimed"
>;

/** What a run's use of instances is made of. */
export interface InstanceUseOptions extends KnownToTheRun {
  readonly runId: string;
  readonly leases: Leases;
  readonly guards: InstanceGuards;
  /** This run as one that waits for its turn at a node. */
  readonly claimantAt: (nodeId: string) => Claimant;
}

/** A run's use of instances. */
export class InstanceUse implements RunInstances {
  readonly isOnForARun: RunInstances["isOnForARun"];
  readonly foundRunning: RunInstances["foundRunning"];
  readonly isNeeded: RunInstances["isNeeded"];
  readonly isScriptComing: RunInstances["isScriptComing"];
  readonly isStopComing: RunInstances["isStopComing"];
  readonly claimed: RunInstances["claimed"];
  readonly #options: InstanceUseOptions;
  /** The nodes whose step has asked for its instances. */
  readonly #asked = new Set<string>();
  /** The user was told that the run can't stop its instances, before it knew which. */
  #isReported = false;

  constructor(options: InstanceUseOptions) {
    this.#options = options;
    this.isOnForARun = options.isOnForARun;
    this.foundRunning = options.foundRunning;
    this.isNeeded = options.isNeeded;
    this.isScriptComing = options.isScriptComing;
    this.isStopComing = options.isStopComing;
    this.claimed = options.claimed;
  }

  async claim(claim: InstanceClaim): Promise<void> {
    this.#asked.add(claim.nodeId);
    await this.#options.leases.claim(this.#options.claimantAt(claim.nodeId), claim);
    this.#options.guards.reconcile();
  }

  lend(...[instanceIds, control]: Parameters<RunInstances["lend"]>): void {
    this.#options.guards.use(instanceIds, control);
  }

  expect(instanceIds: readonly string[], isOn: boolean): void {
    for (const id of instanceIds) {
      this.#options.guards.of(id).expect(isOn);
    }
  }

  canStop(instanceIds: readonly string[]): boolean {
    const claimed = this.claimed();
    return instanceIds.every((id) => claimed.includes(id) && this.#options.guards.of(id).hasControl);
  }

  neededByOthers(instanceId: string): string[] {
    return this.#options.leases.neededByOthers(this.#options.runId, instanceId);
  }

  release(instanceIds: readonly string[]): void {
    this.#options.leases.done(this.#options.runId, instanceIds);
    this.#options.guards.reconcile();
  }

  stop(instanceId: string, order: StopOrder): Promise<StoppedInstance | undefined> {
    return this.#options.guards.of(instanceId).stop({ by: this.#options.runId, ...order });
  }

  isNews(instanceIds: readonly string[]): boolean {
    if (instanceIds.length === 0) {
      const isNews = !this.#isReported;
      this.#isReported = true;
      return isNews;
    }
    return instanceIds.map((id) => this.#options.guards.of(id).isNews()).some(Boolean);
  }

  stoppedBy(instanceId: string): string | undefined {
    return this.#options.guards.of(instanceId).stoppedBy;
  }

  /** Whether a step of this node has asked for its instances already. */
  hasAsked(nodeId: string): boolean {
    return this.#asked.has(nodeId);
  }

  /** A step of this node begins, or goes on: it is yet to ask. */
  begins(nodeId: string): void {
    this.#asked.delete(nodeId);
  }

  /** The run goes on after a pause in which it counted as over: what is still on for it is its own again. */
  regain(instanceIds: readonly string[]): void {
    const { leases, runId } = this.#options;
    leases.hold(
      runId,
      instanceIds.filter((id) => leases.neededByOthers(runId, id).length === 0),
    );
  }
}
