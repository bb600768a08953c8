import type { Rows } from "../../../src/worker/selection/vector-rows.ts";

/** The largest distance of any row to the nearest selected one. */
export function largestGap(rows: Rows, chosen: readonly number[]): number {
  let gap = 0;
  for (let row = 0; row < rows.count; row += 1) {
    gap = Math.max(gap, Math.min(...chosen.map((index) => distanceBetween(rows, row, index))));
  }
  return gap;
}

/** Evenly spaced rows, each in the middle of its interval. */
export function everyNth(rows: Rows, count: number): number[] {
  return Array.from({ length: count }, (_, place) => Math.floor(((place + 0.5) * rows.count) / count));
}

/** Euclidean distance between two rows. */
function distanceBetween({ data, dimensions }: Rows, a: number, b: number): number {
  const differences = Array.from(
    { length: dimensions },
    (_, at) => (data[a * dimensions + at] ?? 0) - (data[b * dimensions + at] ?? 0),
  );
  return Math.hypot(...differences);
}
