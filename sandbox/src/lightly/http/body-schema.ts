/** A schema of a JSON value; `check` returns the given value, never a converted one. */
export interface Schema<T> {
  check(value: unknown, path: string): T;
}

export type Checked<S> = S extends Schema<infer T> ? T : never;

/** Names the invalid part of a value and what was expected. */
export class SchemaFault extends Error {
  override readonly name = "SchemaFault";
}

type Shape = Readonly<Record<string, Schema<unknown>>>;
type Fields<R extends Shape, O extends Shape> = { [K in keyof R]: Checked<R[K]> } & { [K in keyof O]?: Checked<O[K]> };

function fail(path: string, expected: string): never {
  throw new SchemaFault(`${path === "" ? "the body" : path} must be ${expected}.`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const within = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);

/** An object with exactly these keys: unknown keys and missing required keys are refused. */
export function object<R extends Shape, O extends Shape = Record<never, never>>(
  required: R,
  optional?: O,
): Schema<Fields<R, O>> {
  return {
    check(value, path) {
      if (!isRecord(value)) {
        fail(path, "an object");
      }
      const known: Shape = { ...optional, ...required };
      for (const key of Object.keys(value)) {
        if (!Object.hasOwn(known, key)) {
          throw new SchemaFault(
            `${within(path, key)} is not a known key; known keys: ${Object.keys(known).join(", ")}.`,
          );
        }
      }
      for (const [key, schema] of Object.entries(known)) {
        if (Object.hasOwn(value, key)) {
          schema.check(value[key], within(path, key));
        } else if (Object.hasOwn(required, key)) {
          throw new SchemaFault(`${within(path, key)} is missing.`);
        }
      }
      return value as Fields<R, O>;
    },
  };
}

/** An object with any keys whose values have one schema. */
export function record<T>(values: Schema<T>): Schema<Record<string, T>> {
  return {
    check(value, path) {
      if (!isRecord(value)) {
        fail(path, "an object");
      }
      for (const [key, entry] of Object.entries(value)) {
        values.check(entry, within(path, key));
      }
      return value as Record<string, T>;
    },
  };
}

/** One of several objects, distinguished by the string under one key. */
export function variants<V extends Readonly<Record<string, Schema<unknown>>>>(
  key: string,
  schemas: V,
): Schema<Checked<V[keyof V]>> {
  return {
    check(value, path) {
      const kind = isRecord(value) ? value[key] : fail(path, "an object");
      const schema = typeof kind === "string" && Object.hasOwn(schemas, kind) ? schemas[kind] : undefined;
      if (schema === undefined) {
        fail(within(path, key), `one of ${Object.keys(schemas).join(", ")}`);
      }
      return schema.check(value, path) as Checked<V[keyof V]>;
    },
  };
}

export function array<T>(items: Schema<T>, limits: { min?: number; max?: number; unique?: boolean } = {}): Schema<T[]> {
  const { min = 0, max = Number.POSITIVE_INFINITY, unique = false } = limits;
  return {
    check(value, path) {
      if (!Array.isArray(value) || value.length < min || value.length > max) {
        fail(path, min === 0 ? "an array" : `an array of at least ${min} and at most ${max} items`);
      }
      value.forEach((item, index) => {
        items.check(item, `${path}[${index}]`);
      });
      if (unique && new Set(value).size !== value.length) {
        fail(path, "an array without repetitions");
      }
      return value as T[];
    },
  };
}

export function string(limits: { min?: number; pattern?: RegExp; form?: string } = {}): Schema<string> {
  const { min = 0, pattern } = limits;
  return {
    check(value, path) {
      if (typeof value !== "string" || value.length < min) {
        fail(path, min === 0 ? "a string" : `a string of at least ${min} characters`);
      }
      if (pattern !== undefined && !pattern.test(value)) {
        fail(path, limits.form ?? `a string that matches ${pattern.source}`);
      }
      return value;
    },
  };
}

export interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
  /** Exclusive lower limit. */
  readonly above?: number;
}

export function number(limits: NumberLimits = {}, kind: "a number" | "a whole number" = "a number"): Schema<number> {
  const bounds = [
    ...(limits.min === undefined ? [] : [`at least ${limits.min}`]),
    ...(limits.above === undefined ? [] : [`above ${limits.above}`]),
    ...(limits.max === undefined ? [] : [`at most ${limits.max}`]),
  ];
  const expected = bounds.length === 0 ? kind : `${kind}, ${bounds.join(" and ")}`;
  return {
    check(value, path) {
      const fits =
        typeof value === "number" &&
        (kind === "a number" ? Number.isFinite(value) : Number.isSafeInteger(value)) &&
        value >= (limits.min ?? Number.NEGATIVE_INFINITY) &&
        value <= (limits.max ?? Number.POSITIVE_INFINITY) &&
        value > (limits.above ?? Number.NEGATIVE_INFINITY);
      return fits ? value : fail(path, expected);
    },
  };
}

export const integer = (limits: NumberLimits = {}): Schema<number> => number(limits, "a whole number");

export const boolean: Schema<boolean> = {
  check: (value, path) => (typeof value === "boolean" ? value : fail(path, "true or false")),
};

export function choice<const T extends string | number>(...values: readonly T[]): Schema<T> {
  return {
    check: (value, path) =>
      values.find((candidate) => candidate === value) ?? fail(path, `one of ${values.join(", ")}`),
  };
}

export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return { check: (value, path) => (value === null ? null : schema.check(value, path)) };
}

/** Any JSON value. */
export const anything: Schema<unknown> = { check: (value) => value };

/** An object with any content. */
export const freeObject: Schema<Record<string, unknown>> = record(anything);

export const objectId: Schema<string> = string({ pattern: /^[a-f0-9]{24}$/, form: "24 lower-case hexadecimal digits" });
