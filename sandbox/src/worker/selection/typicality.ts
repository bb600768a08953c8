import { joinRows, type Rows, squaredDistances } from "./vector-rows.ts";

/**
 * How typical each row is, 0 to 1: the mean of `exp(-distance / mean distance)` over its nearest neighbors.
 *
 * @param neighbors - how many of them; at most all others
 */
export function typicality(rows: Rows, neighbors: number): Float64Array {
  const distance = distances(rows);
  const all = Array.from({ length: rows.count }, (_, row) => row);
  const near = all.map((row) => {
    const others = all.filter((other) => other !== row).map((other) => distance(row, other));
    return others.sort((one, other) => one - other).slice(0, neighbors);
  });
  const mean = meanOf(near.flat());
  return Float64Array.from(near, (own) => meanOf(own.map((far) => closeness(far, mean))));
}

/** How similar each row is to the nearest one of `query`, 0 to 1: `exp(-distance / mean distance)`. */
export function similarity(rows: Rows, query: Rows): Float64Array {
  const distance = distances(joinRows(rows, query));
  const nearest = Array.from({ length: rows.count }, (_, row) => {
    let least = Number.POSITIVE_INFINITY;
    for (let other = 0; other < query.count; other += 1) {
      least = Math.min(least, distance(row, rows.count + other));
    }
    return least;
  });
  const mean = meanOf(nearest);
  return Float64Array.from(nearest, (far) => closeness(far, mean));
}

function distances(rows: Rows): (a: number, b: number) => number {
  const squared = squaredDistances(rows);
  return (a, b) => Math.sqrt(Math.max(0, squared(a, b)));
}

function closeness(distance: number, mean: number): number {
  return mean === 0 ? 1 : Math.exp(-distance / mean);
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
