import { closest } from "./closest.ts";
import { type Fault, type Infer, type Rule, shown } from "./rule.ts";
import { oneOf } from "./value-rules.ts";

type Shape = Readonly<Record<string, Rule<unknown>>>;
type ObjectOf<Required extends Shape, Optional extends Shape> = { [K in keyof Required]: Infer<Required[K]> } & {
  [K in keyof Optional]?: Infer<Optional[K]>;
};

/** A list that is not what it should be at all would have as many faults as items. */
const MAX_FAULTS = 1000;

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
      for (const [index, entry] of value.entries()) {
        if (faults.length >= MAX_FAULTS) {
          return;
        }
        item.check(entry, `${path}[${index}]`, faults);
      }
    },
  };
}

/** An object whose keys are the user's own. */
export function mapOf<T>(rule: Rule<T>): Rule<Record<string, T>> {
  return {
    check(value, path, faults) {
      for (const [key, entry] of entriesOf(value, path, faults)) {
        if (faults.length >= MAX_FAULTS) {
          return;
        }
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
        if (faults.length >= MAX_FAULTS) {
          return;
        }
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
