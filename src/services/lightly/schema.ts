import { closest } from "./closest.ts";

/** What is wrong at one place of a value. */
export interface Fault {
  /** `strategies[0].input.type`; empty for the value itself. */
  readonly path: string;
  /** Completes the sentence that starts with the path: "must be ...". */
  readonly problem: string;
}

/** Describes legal values: reports each fault of a value. `T` is the type of a value without faults. */
export interface Rule<T> {
  check(value: unknown, path: string, faults: Fault[]): void;
  /** Never set: carries `T` for {@link Infer}. */
  readonly type?: T;
}

/** The type of what a rule accepts. */
export type Infer<R> = R extends Rule<infer T> ? T : never;

type Shape = Readonly<Record<string, Rule<unknown>>>;
type ObjectOf<Required extends Shape, Optional extends Shape> = { [K in keyof Required]: Infer<Required[K]> } & {
  [K in keyof Optional]?: Infer<Optional[K]>;
};

/** Every fault of `value` under `rule`, in the order of the rule. */
export function faultsOf(rule: Rule<unknown>, value: unknown): Fault[] {
  const faults: Fault[] = [];
  rule.check(value, "", faults);
  return faults;
}

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

/** An array of one kind of item. */
export function listOf<T>(
  item: Rule<T>,
  { min = 0, length, unique = false }: { min?: number; length?: number; unique?: boolean } = {},
): Rule<T[]> {
  return {
    check(value, path, faults) {
      if (!Array.isArray(value)) {
        faults.push({ path, problem: `must be an array, not ${shown(value)}` });
        return;
      }
      if (length !== undefined && value.length !== length) {
        faults.push({ path, problem: `must have exactly ${length} items, not ${value.length}` });
      } else if (value.length < min) {
        faults.push({ path, problem: `must have at least ${min} item${min === 1 ? "" : "s"}` });
      }
      if (unique && new Set(value).size !== value.length) {
        faults.push({ path, problem: "must not name the same item twice" });
      }
      value.forEach((entry, index) => {
        item.check(entry, `${path}[${index}]`, faults);
      });
    },
  };
}

/** An object whose keys are the user's own. */
export function mapOf<T>(rule: Rule<T>): Rule<Record<string, T>> {
  return {
    check(value, path, faults) {
      for (const [key, entry] of entriesOf(value, path, faults)) {
        rule.check(entry, join(path, key), faults);
      }
    },
  };
}

/**
 * An object with known keys. A key of value `undefined` counts as absent, as it does in JSON.
 *
 * @param otherKeys - `refused` (default) names an unknown key, the allowed ones and the one that was probably meant
 */
export function object<const Required extends Shape, const Optional extends Shape>(
  required: Required,
  optional: Optional,
  { otherKeys = "refused" }: { otherKeys?: "refused" | "ignored" } = {},
): Rule<ObjectOf<Required, Optional>> {
  const rules = new Map(Object.entries<Rule<unknown>>({ ...required, ...optional }));
  const allowed = [...rules.keys()];
  return {
    check(value, path, faults) {
      const before = faults.length;
      const entries = new Map(entriesOf(value, path, faults));
      if (faults.length > before) {
        return;
      }
      for (const key of entries.keys()) {
        if (!rules.has(key) && otherKeys === "refused") {
          faults.push({ path: join(path, key), problem: unknownKey(key, allowed) });
        }
      }
      for (const [key, rule] of rules) {
        if (entries.has(key)) {
          rule.check(entries.get(key), join(path, key), faults);
        } else if (Object.hasOwn(required, key)) {
          faults.push({ path: join(path, key), problem: "is missing" });
        }
      }
    },
  };
}

/** One of several forms of object; the word at `key` says which. */
export function variants<const Forms extends Shape>(key: string, forms: Forms): Rule<Infer<Forms[keyof Forms]>> {
  const which = object({ [key]: oneOf(Object.keys(forms)) }, {}, { otherKeys: "ignored" });
  return {
    check(value, path, faults) {
      const before = faults.length;
      which.check(value, path, faults);
      if (faults.length === before) {
        const word = new Map(entriesOf(value, path, faults)).get(key);
        new Map(Object.entries(forms)).get(String(word))?.check(value, path, faults);
      }
    },
  };
}

function unknownKey(key: string, allowed: readonly string[]): string {
  const guess = closest(key, allowed);
  return guess === undefined
    ? `is not known here (allowed: ${allowed.join(", ")})`
    : `is not known here: did you mean ${guess}? (allowed: ${allowed.join(", ")})`;
}

/** Objects of another realm (Node-RED's function nodes have their own) count too, so no `instanceof`. */
function entriesOf(value: unknown, path: string, faults: Fault[]): Array<[string, unknown]> {
  if (Object.prototype.toString.call(value) !== "[object Object]") {
    faults.push({ path, problem: `must be an object, not ${shown(value)}` });
    return [];
  }
  return Object.entries(Object(value)).filter(([, entry]) => entry !== undefined);
}

function join(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) {
    return `${path}[${JSON.stringify(key)}]`;
  }
  return path === "" ? key : `${path}.${key}`;
}

function shown(value: unknown): string {
  if (value === null || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  if (typeof value === "string") {
    return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}...` : JSON.stringify(value);
  }
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
