import { single } from "./single-precision.ts";

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

/** The rows of both, in this order. */
export function joinRows(one: Rows, other: Rows): Rows {
  const data = new Float32Array(one.data.length + other.data.length);
  data.set(one.data);
  data.set(other.data, one.data.length);
  return { count: one.count + other.count, dimensions: one.dimensions, data };
}

/**
 * Squared Euclidean distances of rows as the engine computes them: from dot products, so that the distance of almost
 * equal rows is rough, and can even be negative.
 */
export function squaredDistances(rows: Rows): (a: number, b: number) => number {
  const squares = Float32Array.from({ length: rows.count }, (_, row) => dotProduct(rows, row, row));
  return (a, b) => single(single((squares[a] ?? 0) - 2 * dotProduct(rows, a, b)) + (squares[b] ?? 0));
}

/**
 * The dot product of two rows in single precision, added up in eight lanes as Lightly's engine does below 32
 * dimensions. Above, the engine leaves it to a library whose last digit depends on the processor.
 */
function dotProduct({ dimensions, data }: Rows, a: number, b: number): number {
  const lanes = dimensions - (dimensions % 8);
  let [s0, s1, s2, s3, s4, s5, s6, s7] = [0, 0, 0, 0, 0, 0, 0, 0];
  let one = a * dimensions;
  let other = b * dimensions;
  for (const end = one + lanes; one < end; one += 8, other += 8) {
    s0 = single(s0 + single((data[one] ?? 0) * (data[other] ?? 0)));
    s1 = single(s1 + single((data[one + 1] ?? 0) * (data[other + 1] ?? 0)));
    s2 = single(s2 + single((data[one + 2] ?? 0) * (data[other + 2] ?? 0)));
    s3 = single(s3 + single((data[one + 3] ?? 0) * (data[other + 3] ?? 0)));
    s4 = single(s4 + single((data[one + 4] ?? 0) * (data[other + 4] ?? 0)));
    s5 = single(s5 + single((data[one + 5] ?? 0) * (data[other + 5] ?? 0)));
    s6 = single(s6 + single((data[one + 6] ?? 0) * (data[other + 6] ?? 0)));
    s7 = single(s7 + single((data[one + 7] ?? 0) * (data[other + 7] ?? 0)));
  }
  let sum = single(s0 + s4);
  sum = single(sum + single(s1 + s5));
  sum = single(sum + single(s2 + s6));
  sum = single(sum + single(s3 + s7));
  for (const end = (a + 1) * dimensions; one < end; one += 1, other += 1) {
    sum = single(sum + single((data[one] ?? 0) * (data[other] ?? 0)));
  }
  return sum;
}
