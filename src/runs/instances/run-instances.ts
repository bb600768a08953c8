import type { InstanceClaim } from "./leases.ts";

/** What a run has to do with instances: see {@link Leases}. */
export interface RunInstances {
  /** Resolves when the run may use them. */
  claim(claim: InstanceClaim): Promise<void>;
  /** Whether a run that still goes on, or has just ended, has switched the instance on. */
  isOnForARun(instanceId: string): boolean;
  /** Whether the instance was on before this run came to it. */
  foundRunning(instanceId: string): boolean;
  /** The other runs that use an instance or wait for it. */
  neededByOthers(instanceId: string): string[];
  /** This run needs them no more. */
  release(instanceIds: readonly string[]): void;
  /** Has `stop` called when the run is given up because a node of it is gone. */
  guard(stop: () => Promise<void>): void;
}
