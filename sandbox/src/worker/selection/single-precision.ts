/**
 * Lightly's engine computes in single precision, which decides between candidates whose scores are almost equal. So
 * every result is rounded to it here, too.
 */
export const single = Math.fround;

const LEAST = single(1e-8);

/** The natural logarithm; of zero and of negative numbers, that of 1e-8. */
export function logarithm(value: number): number {
  return single(Math.log(Math.max(value, LEAST)));
}
