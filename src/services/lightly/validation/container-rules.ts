import { closest } from "./closest.ts";
import { type Fault, type Infer, quote, type Rule } from "./schema-rule.ts";
import { oneOf } from "./value-rules.ts";

type Shape = Readonly<Record<string, Rule<unknown>>>;
type ObjectOf<Required extends Shape, Optional extends Shape> = { [K in keyof Required]: Infer<Required[K]> } & {
  [K in keyof Optional]?: Infer<Optional[K]>;
};

/** An array of one kind of item. */
export function arrayOf<T>(
  item: Rule<T>,
  { min = 0, length, unique = false }: { min?: number; length?: number; unique?: boolean } = {},
): Rule<T[]> {
  return {
    *check(value, path) {
      if (!Array.isArray(value)) {
        yield { path, problem: `must be an array, not ${quote(value)}` };
        return;
      }
      if (length !== undefined && value.length !== length) {
        yield { path, problem: `must have exactly ${length} items, not ${value.length}` };
      } else if (value.length < min) {
        yield { path, problem: `must have at least ${min} item${min === 1 ? "" : "s"}` };
      }
      if (unique && new Set(value).size !== value.length) {
        yield { path, problem: "must not contain an item twice" };
      }
      for (const [index, entry] of value.entries()) {
        yield* item.check(entry, `${path}[${index}]`);
      }
    },
  };
}

/** An object with any keys. */
export function mapOf<T>(rule: Rule<T>): Rule<Record<string, T>> {
  return {
    *check(value, path) {
      if (!isObject(value)) {
        yield notAnObject(value, path);
        return;
      }
      for (const [key, entry] of entriesOf(value)) {
        yield* rule.check(entry, join(path, key));
      }
    },
  };
}

/**
 * An object with known keys. A key with the value `undefined` counts as absent, as it does in JSON.
 *
 * @param otherKeys - `refused` (default): an unknown key is a fault, which names the allowed keys and the one that was probably meant
 */
export function object<const Required extends Shape, const Optional extends Shape>(
  required: Required,
  optional: Optional,
  { otherKeys = "refused" }: { otherKeys?: "refused" | "ignored" } = {},
): Rule<ObjectOf<Required, Optional>> {
  const rules = new Map(Object.entries<Rule<unknown>>({ ...required, ...optional }));
  const allowed = [...rules.keys()];
  return {
    *check(value, path) {
      if (!isObject(value)) {
        yield notAnObject(value, path);
        return;
      }
      const entries = new Map(entriesOf(value));
      for (const key of otherKeys === "refused" ? entries.keys() : []) {
        if (!rules.has(key)) {
          yield { path: join(path, key), problem: unknownKey(key, allowed) };
        }
      }
      for (const [key, rule] of rules) {
        if (entries.has(key)) {
          yield* rule.check(entries.get(key), join(path, key));
        } else if (Object.hasOwn(required, key)) {
          yield { path: join(path, key), problem: "is missing" };
        }
      }
    },
  };
}

/** A discriminated union: the value of `key` selects the form of the object. */
export function variants<const Forms extends Shape>(key: string, forms: Forms): Rule<Infer<Forms[keyof Forms]>> {
  const known = new Map(Object.entries(forms));
  const unknown = object({ [key]: oneOf([...known.keys()]) }, {}, { otherKeys: "ignored" });
  return {
    check(value, path) {
      const word: unknown = isObject(value) ? value[key] : undefined;
      const form = typeof word === "string" ? known.get(word) : undefined;
      return (form ?? unknown).check(value, path);
    },
  };
}

function unknownKey(key: string, allowed: readonly string[]): string {
  const guess = closest(key, allowed);
  const hint = guess === undefined ? "" : `: did you mean ${guess}?`;
  return `is not known here${hint} (allowed: ${allowed.join(", ")})`;
}

/** Not `instanceof`: objects of another realm, such as that of Node-RED's function nodes, are valid too. */
function isObject(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === "[object Object]";
}

function notAnObject(value: unknown, path: string): Fault {
  return { path, problem: `must be an object, not ${quote(value)}` };
}

function entriesOf(value: Record<string, unknown>): Array<[string, unknown]> {
  return Object.entries(value).filter(([, entry]) => entry !== undefined);
}

function join(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) {
    return `${path}[${JSON.stringify(key)}]`;
  }
  return path === "" ? key : `${path}.${key}`;
}
