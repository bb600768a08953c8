import type { Run } from "./run.ts";

/** How much is remembered. */
export interface Memory {
  /** How many runs; those that are under way stay, however many they are. */
  readonly keep: number;
  /** What has not changed since then goes; milliseconds since 1970. */
  readonly notBefore: number;
}

/** The runs, of all from the oldest to the newest, that are over and that there is no room for, or that are too old. */
export function runsToForget(runs: readonly Run[], { keep, notBefore }: Memory): Run[] {
  let surplus = runs.length - keep;
  return runs.filter((run) => {
    const isForgotten = run.isOver && (run.lastChangeAt < notBefore || (surplus > 0 && !run.isUnderWay));
    surplus -= isForgotten ? 1 : 0;
    return isForgotten;
  });
}
