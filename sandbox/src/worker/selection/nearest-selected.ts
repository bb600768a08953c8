import { single } from "./single-precision.ts";
import { type Rows, squaredDistances } from "./vector-rows.ts";

/** For each row, the squared distance to the nearest selected one other than itself. */
export interface NearestSelected {
  /** Counts a row as selected. */
  readonly select: (row: number) => void;
  /** Infinite as long as no other row is selected. */
  readonly squaredDistance: (row: number) => number;
  readonly distance: (row: number) => number;
  /** How many rows are selected. */
  readonly count: () => number;
  /** The sum of the selected rows' own squared distances; 0 for less than two of them. */
  readonly spread: () => number;
}

export function nearestSelected(rows: Rows): NearestSelected {
  const squaredBetween = squaredDistances(rows);
  const nearest = new Float32Array(rows.count).fill(Number.POSITIVE_INFINITY);
  const selected: number[] = [];
  const squaredDistance = (row: number): number => nearest[row] ?? Number.POSITIVE_INFINITY;
  return {
    select(taken) {
      const own = squaredDistance(taken);
      for (let row = 0; row < rows.count; row += 1) {
        nearest[row] = Math.min(squaredDistance(row), squaredBetween(row, taken));
      }
      nearest[taken] = own;
      selected.push(taken);
    },
    squaredDistance,
    // Rounding can make the square of a tiny distance negative.
    distance: (row) => Math.sqrt(Math.max(0, squaredDistance(row))),
    count: () => selected.length,
    spread: () => (selected.length < 2 ? 0 : selected.reduce((sum, row) => single(sum + squaredDistance(row)), 0)),
  };
}
