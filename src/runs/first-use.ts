import type { RunRegistry } from "./run-registry.ts";

type Prepare = (runs: RunRegistry) => void;

let used: RunRegistry | undefined;
const waiting: Prepare[] = [];

/**
 * Calls `prepare` with the registry of this process, before anything else uses it: now, if it is in use. A Node-RED without runs never loads the
 * code of the registry, which is most of what the package would load at its start.
 */
export function beforeFirstUse(prepare: Prepare): void {
  if (used) {
    prepare(used);
  } else {
    waiting.push(prepare);
  }
}

/** The registry of this process, if it is in use. */
export function runsInUse(): RunRegistry | undefined {
  return used;
}

/** Called by the registry when it is loaded. */
export function startUse(runs: RunRegistry): void {
  used = runs;
  for (const prepare of waiting.splice(0)) {
    prepare(runs);
  }
}
