/** Vectors of one length, one after the other in `data`. */
export interface Rows {
  readonly count: number;
  readonly dimensions: number;
  readonly data: Float32Array;
}

/** Vectors given as arrays, as {@link Rows}. */
export function toRows(vectors: readonly ArrayLike<number>[], dimensions = vectors[0]?.length ?? 0): Rows {
  const data = new Float32Array(vectors.length * dimensions);
  vectors.forEach((vector, index) => {
    data.set(vector, index * dimensions);
  });
  return { count: vectors.length, dimensions, data };
}

/** Euclidean distance between row `a` of `one` and row `b` of `other`; 0 to 2 where both are L2-normalized. */
export function distanceBetween(one: Rows, a: number, other: Rows, b: number): number {
  const from = a * one.dimensions;
  const to = b * other.dimensions;
  let sum = 0;
  for (let at = 0; at < one.dimensions; at += 1) {
    const difference = (one.data[from + at] ?? 0) - (other.data[to + at] ?? 0);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/** The mean of all rows, as a single row. */
export function meanOf(rows: Rows): Rows {
  const data = new Float32Array(rows.dimensions);
  for (let row = 0; row < rows.count; row += 1) {
    for (let at = 0; at < rows.dimensions; at += 1) {
      data[at] = (data[at] ?? 0) + (rows.data[row * rows.dimensions + at] ?? 0) / rows.count;
    }
  }
  return { count: 1, dimensions: rows.dimensions, data };
}
