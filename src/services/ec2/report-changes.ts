import type { InstanceState } from "./instance-state.ts";

/** Reports the states of instances to a step, with a short note. */
export type StateReporter = (states: readonly InstanceState[], note: string) => void;

/** Reports only changes. */
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
