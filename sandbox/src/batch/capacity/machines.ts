import type { InstanceType } from "./instance-types.ts";

/** The state of a machine as Batch sees it. */
export type MachineState = "starting" | "ready" | "ending" | "gone";

/** The instances of compute environments. */
export interface Machines {
  /** @returns the instance's id; `undefined` when there is no capacity */
  launch(type: InstanceType, tags: Readonly<Record<string, string>>): string | undefined;
  stateOf(instanceId: string): MachineState;
  terminate(instanceId: string): void;
  /** Terminates it as AWS does when it needs the capacity of a spot instance. */
  reclaim(instanceId: string): void;
  /** Whether an instance runs whose ECS agent never registers. */
  isMute(instanceId: string): boolean;
}
