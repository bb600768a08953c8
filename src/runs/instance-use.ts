import type { InstanceClaim } from "./leases.ts";
import type { RunInstances } from "./step.ts";

/** What {@link InstanceUse} needs of the run and of the registry. */
export interface InstanceUseOptions {
  readonly claim: (claim: InstanceClaim) => Promise<void>;
  readonly isOnForARun: (instanceId: string) => boolean;
  readonly foundRunning: (instanceId: string) => boolean;
  readonly neededByOthers: (instanceId: string) => string[];
  readonly release: (instanceIds: readonly string[]) => void;
}

/** A run's use of instances, and who stops them when it is given up. */
export class InstanceUse implements RunInstances {
  readonly claim: RunInstances["claim"];
  readonly isOnForARun: RunInstances["isOnForARun"];
  readonly foundRunning: RunInstances["foundRunning"];
  readonly neededByOthers: RunInstances["neededByOthers"];
  readonly release: RunInstances["release"];
  readonly #guards = new Set<() => Promise<void>>();
  #wasGuarded = false;

  constructor(options: InstanceUseOptions) {
    this.claim = options.claim;
    this.isOnForARun = options.isOnForARun;
    this.foundRunning = options.foundRunning;
    this.neededByOthers = options.neededByOthers;
    this.release = options.release;
  }

  guard(stop: () => Promise<void>): void {
    this.#guards.add(stop);
  }

  /** Whether somebody was there to stop them when the run was given up. */
  get wereGuarded(): boolean {
    return this.#wasGuarded;
  }

  /** Has those who guard them stop them; each once. */
  giveUp(): void {
    for (const stop of [...this.#guards]) {
      this.#wasGuarded = true;
      this.#guards.delete(stop);
      void stop();
    }
  }
}
