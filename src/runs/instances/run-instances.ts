import type { InstanceControl, StoppedInstance } from "./instance-control.ts";
import type { StopOrder } from "./instance-guard.ts";
import type { InstanceClaim } from "./leases.ts";

/** What a run has to do with instances: see {@link Leases} and {@link InstanceGuard}. */
export interface RunInstances {
  /** Resolves when the run may use them. */
  claim(claim: InstanceClaim): Promise<void>;
  /** Lends the clients by which the guards of these instances look at them and stop them from now on. */
  lend(instanceIds: readonly string[], control: InstanceControl): void;
  /** A start of these was asked for (`isOn` false), or they are on: whoever takes them away from the run is noticed. */
  expect(instanceIds: readonly string[], isOn: boolean): void;
  /** Whether a run that still goes on, or has just ended, has switched the instance on. */
  isOnForARun(instanceId: string): boolean;
  /** Whether the instance was on before this run came to it. */
  foundRunning(instanceId: string): boolean;
  /** The other runs that use an instance or wait for it. */
  neededByOthers(instanceId: string): string[];
  /** Whether this run needs the instance to stay on. */
  isNeeded(instanceId: string): boolean;
  /** Whether a step of the run runs a script, or will. */
  isScriptComing(): boolean;
  /** Whether a step of the run stops instances, or will. */
  isStopComing(): boolean;
  /** Whether the run has claimed all of these, so that they can be stopped by the clients that were lent then. */
  canStop(instanceIds: readonly string[]): boolean;
  /** The instances that the run has claimed and that are not off. */
  claimed(): string[];
  /** This run needs them no more. */
  release(instanceIds: readonly string[]): void;
  /**
   * Has an instance stopped; see {@link InstanceGuard.stop}.
   *
   * @returns undefined when a run needs it again
   */
  stop(instanceId: string, order: StopOrder): Promise<StoppedInstance | undefined>;
  /** Whether the user has not been told yet that one of these can't be stopped; who asks, tells. */
  isNews(instanceIds: readonly string[]): boolean;
  /** The run whose order has stopped the instance, if one has since this run came to it. */
  stoppedBy(instanceId: string): string | undefined;
}
