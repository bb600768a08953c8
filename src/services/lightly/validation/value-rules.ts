import { closest } from "./closest.ts";
import { type Rule, shown } from "./rule.ts";

/** One rule from a test and what a legal value is called. */
function simple<T>(what: string, isLegal: (value: unknown) => boolean): Rule<T> {
  return {
    check(value, path, faults) {
      if (!isLegal(value)) {
        faults.push({ path, problem: `must be ${what}, not ${shown(value)}` });
      }
    },
  };
}

/** Limits of a number: `min` and `max` are still legal, `above` is not. */
export interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
}

function withinLimits(kind: string, { min, max, above }: NumberLimits): { what: string; has(value: number): boolean } {
  const parts = [
    min !== undefined && max !== undefined ? `from ${min} to ${max}` : min !== undefined ? `of at least ${min}` : "",
    min === undefined && max !== undefined ? `of at most ${max}` : "",
    above !== undefined ? `above ${above}` : "",
  ].filter((part) => part !== "");
  return {
    what: [kind, ...parts].join(" "),
    has: (value) =>
      value >= (min ?? Number.NEGATIVE_INFINITY) &&
      value <= (max ?? Number.POSITIVE_INFINITY) &&
      (above === undefined || value > above),
  };
}

/** A finite number. */
export function number(limits: NumberLimits = {}): Rule<number> {
  const { what, has } = withinLimits("a number", limits);
  return simple(what, (value) => typeof value === "number" && Number.isFinite(value) && has(value));
}

/** A whole number. */
export function integer(limits: NumberLimits = {}): Rule<number> {
  const { what, has } = withinLimits("an integer", limits);
  return simple(what, (value) => typeof value === "number" && Number.isSafeInteger(value) && has(value));
}

/** `true` or `false`. */
export const flag: Rule<boolean> = simple("true or false", (value) => typeof value === "boolean");

/** A text; `what` names it where a pattern must be met. */
export function text({ what = "a text", min = 0, pattern }: { what?: string; min?: number; pattern?: RegExp } = {}) {
  const name = min === 1 && what === "a text" ? "a text that is not empty" : what;
  return simple<string>(
    name,
    (value) => typeof value === "string" && value.length >= min && (pattern?.test(value) ?? true),
  );
}

/** One of a fixed set of words or numbers. */
export function oneOf<const T extends string | number>(allowed: readonly T[]): Rule<T> {
  return {
    check(value, path, faults) {
      if (!allowed.some((candidate) => candidate === value)) {
        const guess = typeof value === "string" ? closest(value, allowed.map(String)) : undefined;
        const hint = guess === undefined ? "" : ` (did you mean ${guess}?)`;
        faults.push({ path, problem: `must be one of ${allowed.join(", ")}, not ${shown(value)}${hint}` });
      }
    },
  };
}

/** The value or `null`. */
export function orNull<T>(rule: Rule<T>): Rule<T | null> {
  return {
    check(value, path, faults) {
      if (value !== null) {
        rule.check(value, path, faults);
      }
    },
  };
}
