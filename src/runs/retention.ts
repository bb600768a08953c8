import type { Run } from "./run.ts";

/** Which runs are kept. */
interface Retention {
  /** The number of runs. Active runs are kept, however many they are. */
  readonly maxRuns: number;
  /** Runs that have not changed since are removed. Milliseconds since 1970. */
  readonly notBefore: number;
}

/** The runs to remove: those that are too old, and the oldest ones beyond the maximum. `runs` is sorted, oldest first. */
export function runsToRemove(runs: readonly Run[], { maxRuns, notBefore }: Retention): Run[] {
  let surplus = runs.length - maxRuns;
  return runs.filter((run) => {
    const isRemoved = run.isOver && (run.lastChangeAt < notBefore || (surplus > 0 && !run.isActive));
    surplus -= isRemoved ? 1 : 0;
    return isRemoved;
  });
}
