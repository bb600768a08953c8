import { distanceBetween, type Rows } from "../../../src/worker/selection/vector-rows.ts";

/** How badly a choice covers the whole: the largest distance of any row to the nearest chosen one. */
export function largestGap(rows: Rows, chosen: readonly number[]): number {
  let gap = 0;
  for (let row = 0; row < rows.count; row += 1) {
    gap = Math.max(gap, Math.min(...chosen.map((index) => distanceBetween(rows, row, rows, index))));
  }
  return gap;
}

/** Evenly spaced, each in the middle of its share. */
export function everyNth(rows: Rows, count: number): number[] {
  return Array.from({ length: count }, (_, place) => Math.floor(((place + 0.5) * rows.count) / count));
}
