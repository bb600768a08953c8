import type { InstanceState } from "./instance-state.ts";

/** Tells a step what instances do, with a note in a few words. */
export type StateReporter = (states: readonly InstanceState[], note: string) => void;

/** Passes on only what differs from the time before. */
export function reportChanges(report: StateReporter | undefined): StateReporter {
  let last = "";
  return (states, note) => {
    const now = JSON.stringify([states, note]);
    if (now !== last) {
      last = now;
      report?.(states, note);
    }
  };
}
