import { distanceBetween, type Rows } from "../../../src/worker/selection/vector-rows.ts";

/** The largest distance of any row to the nearest selected one. */
export function largestGap(rows: Rows, chosen: readonly number[]): number {
  let gap = 0;
  for (let row = 0; row < rows.count; row += 1) {
    gap = Math.max(gap, Math.min(...chosen.map((index) => distanceBetween(rows, row, rows, index))));
  }
  return gap;
}

/** Evenly spaced rows, each in the middle of its interval. */
export function everyNth(rows: Rows, count: number): number[] {
  return Array.from({ length: count }, (_, place) => Math.floor(((place + 0.5) * rows.count) / count));
}
