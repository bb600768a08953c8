import type { Run } from "./run.ts";

/** Which runs are kept. */
interface Retention {
  /** The maximum number of runs. Active runs are always kept. */
  readonly maxRuns: number;
  /** Runs that have not changed since are removed. Milliseconds since 1970. */
  readonly notBefore: number;
}

/** Returns the runs to remove: those that are too old, and the oldest ones above the maximum. `runs` must be sorted, oldest first. */
export function runsToRemove(runs: readonly Run[], { maxRuns, notBefore }: Retention): Run[] {
  let surplus = runs.length - maxRuns;
  return runs.filter((run) => {
    const isRemoved = run.isOver && (run.lastChangeAt < notBefore || (surplus > 0 && !run.isActive));
    surplus -= isRemoved ? 1 : 0;
    return isRemoved;
  });
}
