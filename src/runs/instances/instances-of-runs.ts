import type { Clock } from "../../polling/clock.ts";
import type { Fact } from "../facts/fact.ts";
import { claimedInstances, isOnFor } from "../records/left-instances.ts";
import type { RunRecord } from "../records/run-record.ts";
import { START } from "../records/step-roles.ts";
import type { Step } from "../steps/step.ts";
import type { InstanceControl } from "./instance-control.ts";
import { InstanceGuards } from "./instance-guards.ts";
import { Leases } from "./leases.ts";
import { type LeavingRun, stopLeftOn } from "./stop-left-on.ts";

/** A run as far as its instances matter. */
interface InstanceRun extends LeavingRun {
  readonly steps: Iterable<Step>;
}

/** What {@link InstancesOfRuns} needs of the registry. */
export interface InstancesOfRunsOptions {
  /** All runs that are known. */
  readonly runs: () => Iterable<InstanceRun>;
  readonly tell: (fact: Fact) => void;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long a run that is over still counts as one that has just ended, in milliseconds. */
  readonly graceMs: number;
}

/** The instances of all runs: who uses which, and that what no run needs is stopped. */
export class InstancesOfRuns {
  readonly leases = new Leases();
  readonly guards: InstanceGuards;
  readonly #options: InstancesOfRunsOptions;
  #controlOf: (accountId: string) => InstanceControl | undefined = () => undefined;

  constructor(options: InstancesOfRunsOptions) {
    this.#options = options;
    const { tell, clock } = options;
    this.guards = new InstanceGuards({
      leases: this.leases,
      clock,
      onStopping: (id) => tell({ kind: "instances-stopping", instanceIds: [id] }),
      onOff: (id) => {
        this.#noteOff(id);
        tell({ kind: "instances-stopped", instanceIds: [id] });
      },
      onForeign: (id) => this.#noteOff(id),
      onLost: (id, { state, reason }) => {
        this.#noteOff(id);
        const said = reason === undefined ? state : `${state} (${reason})`;
        tell({ kind: "instances-lost", instanceIds: [id], state: said });
      },
    });
  }

  /** Has guards ask the account that a run has used, where its nodes are gone. */
  lendBy(controlOf: (accountId: string) => InstanceControl | undefined): void {
    this.#controlOf = controlOf;
  }

  /** To be called after changes of runs: grants what has become free, and compares what is wanted with what is. */
  reconcile(): void {
    this.leases.recheck();
    this.guards.reconcile();
  }

  /** A run has changed: what it leaves on is stopped. */
  changed(run: InstanceRun): void {
    if (!run.isUnderWay) {
      this.leases.release(run.runId);
    }
    this.stopLeftOn(run);
  }

  stopLeftOn(run: InstanceRun): void {
    const { leases, guards } = this;
    stopLeftOn(run, { leases, guards, controlOf: this.#controlOf, now: this.#options.now() });
  }

  /** Runs that were left use what they had claimed, before any other run can. */
  restore(runs: Iterable<InstanceRun>): void {
    const all = this.#records();
    for (const run of runs) {
      this.leases.hold(run.runId, claimedInstances(run.liveRecord(), all));
    }
  }

  /** Whether a run that goes on, or has just ended, has switched an instance on. */
  isOnForARun(instanceId: string): boolean {
    const all = this.#records();
    const since = this.#options.now() - this.#options.graceMs;
    return isOnFor(
      instanceId,
      all.filter(({ endedAt = Number.POSITIVE_INFINITY }) => endedAt > since),
      all,
    );
  }

  /** EC2 says that an instance is off: it is on no more for whichever run has started it. */
  #noteOff(instanceId: string): void {
    for (const { steps } of this.#options.runs()) {
      for (const step of steps) {
        if (step.record.type === START) {
          step.noteOff(instanceId);
        }
      }
    }
  }

  #records(): RunRecord[] {
    return [...this.#options.runs()].map((run) => run.liveRecord());
  }
}
