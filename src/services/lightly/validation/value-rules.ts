import { closest } from "./closest.ts";
import { quote, type Rule } from "./schema-rule.ts";

/** Creates a rule from a predicate and the name of a valid value. */
function ruleOf<T>(what: string, isValid: (value: unknown) => boolean): Rule<T> {
  return {
    check: (value, path) => (isValid(value) ? [] : [{ path, problem: `must be ${what}, not ${quote(value)}` }]),
  };
}

/** Limits of a number: `min` and `max` are inclusive, `above` is exclusive. */
export interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
}

function describeLimits({ min, max, above }: NumberLimits): string {
  if (min !== undefined && max !== undefined) {
    return ` from ${min} to ${max}`;
  }
  const parts = { " of at least ": min, " of at most ": max, " above ": above };
  return Object.entries(parts)
    .map(([words, limit]) => (limit === undefined ? "" : `${words}${limit}`))
    .join("");
}

function isWithin(value: number, { min = -Infinity, max = Infinity, above }: NumberLimits): boolean {
  return value >= min && value <= max && (above === undefined || value > above);
}

/** A finite number. */
export function number(limits: NumberLimits = {}): Rule<number> {
  const what = `a number${describeLimits(limits)}`;
  return ruleOf(what, (value) => typeof value === "number" && Number.isFinite(value) && isWithin(value, limits));
}

/** A whole number. */
export function integer(limits: NumberLimits = {}): Rule<number> {
  const what = `an integer${describeLimits(limits)}`;
  return ruleOf(what, (value) => typeof value === "number" && Number.isSafeInteger(value) && isWithin(value, limits));
}

/** `true` or `false`. */
export const flag: Rule<boolean> = ruleOf("true or false", (value) => typeof value === "boolean");

/** A string. `what` is its name in a fault, if it must match a pattern. */
export function string({ what, min = 0, pattern }: { what?: string; min?: number; pattern?: RegExp } = {}) {
  return ruleOf<string>(
    what ?? (min === 1 ? "a non-empty string" : "a string"),
    (value) => typeof value === "string" && value.length >= min && (pattern?.test(value) ?? true),
  );
}

/** One of a fixed set of words or numbers. */
export function oneOf<const T extends string | number>(allowed: readonly T[]): Rule<T> {
  return {
    *check(value, path) {
      if (!allowed.some((candidate) => candidate === value)) {
        const guess = typeof value === "string" ? closest(value, allowed.map(String)) : undefined;
        const hint = guess === undefined ? "" : ` (did you mean ${guess}?)`;
        yield { path, problem: `must be one of ${allowed.join(", ")}, not ${quote(value)}${hint}` };
      }
    },
  };
}

/** The value or `null`. */
export function orNull<T>(rule: Rule<T>): Rule<T | null> {
  return { check: (value, path) => (value === null ? [] : rule.check(value, path)) };
}
