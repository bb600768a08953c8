/** A time interval, in milliseconds since 1970. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** The union of intervals, without overlaps and in order. */
export function union(intervals: readonly Interval[]): Interval[] {
  const joined: Interval[] = [];
  for (const { from, to } of intervals.filter((one) => one.to > one.from).toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && from <= last.to) {
      joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    } else {
      joined.push({ from, to });
    }
  }
  return joined;
}

/** The total duration of the union. */
export function totalMs(intervals: readonly Interval[]): number {
  return union(intervals).reduce((sum, { from, to }) => sum + to - from, 0);
}

/** The total duration of the intersection of two sets of intervals. */
export function sharedMs(one: readonly Interval[], other: readonly Interval[]): number {
  return totalMs(one) + totalMs(other) - totalMs([...one, ...other]);
}
