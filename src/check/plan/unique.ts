/** Removes duplicates. */
export function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
