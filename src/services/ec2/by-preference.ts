import type { InstanceState } from "./instance-state.ts";

/** What is ready first comes first. */
const ORDER: readonly InstanceState["state"][] = ["running", "pending", "stopped", "stopping"];

/** Returns the ids of instances that can be used: those that run already come first, and equal ones are in the order of their ids. */
export function byPreference(states: readonly InstanceState[]): string[] {
  return states
    .filter(({ state }) => ORDER.includes(state))
    .toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.instanceId < b.instanceId ? -1 : 1))
    .map(({ instanceId }) => instanceId);
}
