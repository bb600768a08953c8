import type { TextRule } from "./rule.ts";

/** Limits of a number, both included. */
export interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
}

/** A number between two limits. */
export function numberWithin({ min = -Infinity, max = Infinity, whole = false }: NumberLimits): TextRule {
  return (text) => {
    const value = Number(text);
    if (Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isSafeInteger(value))) {
      return undefined;
    }
    const kind = whole ? "whole" : "number";
    if (min === -Infinity) {
      return { key: "number" };
    }
    return max === Infinity ? { key: `${kind}Min`, values: { min } } : { key: `${kind}Range`, values: { min, max } };
  };
}
