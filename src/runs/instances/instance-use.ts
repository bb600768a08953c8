import type { InstanceClaim } from "./leases.ts";
import type { RunInstances } from "./run-instances.ts";

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
  /** The nodes whose step has asked for its instances. */
  readonly #asked = new Set<string>();
  #isGivenUp = false;
  #wasGuarded = false;

  constructor(options: InstanceUseOptions) {
    this.claim = (claim) => {
      this.#asked.add(claim.nodeId);
      return options.claim(claim);
    };
    this.isOnForARun = options.isOnForARun;
    this.foundRunning = options.foundRunning;
    this.neededByOthers = options.neededByOthers;
    this.release = options.release;
  }

  guard(stop: () => Promise<void>): void {
    this.#guards.add(stop);
    if (this.#isGivenUp) {
      this.giveUp();
    }
  }

  /** Whether a step of this node has asked for its instances already. */
  hasAsked(nodeId: string): boolean {
    return this.#asked.has(nodeId);
  }

  /** A step of this node begins, or goes on: it is yet to ask. */
  begins(nodeId: string): void {
    this.#asked.delete(nodeId);
  }

  /** The run begins anew. */
  wanted(): void {
    this.#isGivenUp = false;
  }

  /** Whether somebody was there to stop them when the run was given up. */
  get wereGuarded(): boolean {
    return this.#wasGuarded;
  }

  /** Has those who guard them stop them; each once. */
  giveUp(): void {
    this.#isGivenUp = true;
    for (const stop of [...this.#guards]) {
      this.#wasGuarded = true;
      this.#guards.delete(stop);
      void stop();
    }
  }
}
