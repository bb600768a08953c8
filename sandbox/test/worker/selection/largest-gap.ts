import type { Rows } from "../../../src/worker/selection/vector-rows.ts";

/** The largest distance of any row to the nearest selected one. */
export function largestGap(rows: Rows, chosen: readonly number[]): number {
  let gap = 0;
  for (let row = 0; row < rows.count; row += 1) {
    gap = Math.max(gap, Math.min(...chosen.map((index) => squaredDistance(rows, row, index))));
  }
  return Math.sqrt(gap);
}

/** Evenly spaced rows, each in the middle of its interval. */
export function everyNth(rows: Rows, count: number): number[] {
  return Array.from({ length: count }, (_, place) => Math.floor(((place + 0.5) * rows.count) / count));
}

/** The square of the Euclidean distance between two rows. */
function squaredDistance({ data, dimensions }: Rows, a: number, b: number): number {
  let sum = 0;
  for (let at = 0; at < dimensions; at += 1) {
    sum += ((data[a * dimensions + at] ?? 0) - (data[b * dimensions + at] ?? 0)) ** 2;
  }
  return sum;
}
