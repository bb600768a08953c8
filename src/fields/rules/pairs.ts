import type { Reason } from "./rule.ts";

/** The rules for the rows of a list of pairs. */
export interface PairRules {
  /** The property with the key of a row: tags have a `key`, variables a `name`. */
  readonly key: "key" | "name";
  readonly required?: boolean;
  readonly max?: number;
  readonly keyPattern?: RegExp;
}

/** Checks a list of `{ key, value }` or `{ name, value }`. */
export function faultOfPairs(
  rows: readonly unknown[],
  { key, required, max, keyPattern }: PairRules,
): Reason | undefined {
  const keys = rows.map((row) => keyOf(row, key));
  if (required && keys.length === 0) {
    return { key: "missing" };
  }
  if (keys.includes("")) {
    return { key: "pairKeyMissing" };
  }
  const twice = keys.find((name, index) => keys.indexOf(name) !== index);
  if (twice !== undefined) {
    return { key: "pairKeyTwice", values: { name: twice } };
  }
  const illegal = keys.find((name) => keyPattern && !keyPattern.test(name));
  if (illegal !== undefined) {
    return { key: "pairKeyIllegal", values: { name: illegal } };
  }
  return max !== undefined && keys.length > max ? { key: "pairsTooMany", values: { limit: max } } : undefined;
}

/** Returns the trimmed key of a row. */
export function keyOf(row: unknown, key: "key" | "name"): string {
  const half = (Object(row) as Record<string, unknown>)[key];
  return typeof half === "string" || typeof half === "number" ? String(half).trim() : "";
}
