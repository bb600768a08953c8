import type { Field, Literal, Look, Meaning, Unit } from "./field.ts";
import { type NumberLimits, numberWithin } from "./rules/numbers.ts";
import type { PairRules } from "./rules/pairs.ts";
import { oneOf, type Rule } from "./rules/rule.ts";

interface TextOptions extends Look, Meaning {
  readonly value?: string;
  readonly rule?: Rule;
  /** Whether the field is a typed input. */
  readonly typed?: Literal;
  /** The type of the typed input's default, such as `msg`. Default: the literal. */
  readonly from?: string;
}

type Required<T, O> = O extends { readonly required: true } ? T : T | undefined;

/** A string. A blank one is undefined. */
export function text<const O extends TextOptions>(options: O): Field<Required<string, O>, undefined> {
  return textual("text", options);
}

/** Several strings in one text, or an array. The rule applies to each string. */
export function list(options: TextOptions & { readonly separator?: RegExp }): Field<string[], undefined> {
  return textual("list", options);
}

/** JSON text, or a value that is not text. */
export function json(options: TextOptions): Field<unknown, undefined> {
  return textual("json", options);
}

/** A value of any kind, which the node itself checks. Its default is a text, or `stored`. */
export function anything({
  stored,
  ...options
}: TextOptions & { readonly stored?: unknown }): Field<unknown, undefined> {
  return { ...textual("any", options), ...(stored !== undefined && { value: stored }) };
}

function textual<T>(kind: Field["kind"], { value = "", typed, from, ...options }: TextOptions): Field<T, undefined> {
  const literal = typed === "json-below" ? "json" : typed;
  return { ...options, kind, value, ...(typed && { typed: { literal: typed, from: from ?? literal ?? "str" } }) };
}

interface NumberOptions extends Look, Meaning, NumberLimits {
  /** A field with a default must not be blank. */
  readonly value?: number;
  readonly typed?: "num";
  /** Limits that depend on other fields. */
  readonly rule?: Rule;
}

type NumberOf<O> = O extends { readonly value: number } | { readonly required: true } ? number : number | undefined;

function numeric<T, U extends Unit | undefined>(options: NumberOptions, unit: U): Field<T, U> {
  const { value = "", typed, min, max, whole, rule, ...rest } = options;
  return {
    required: value !== "",
    ...rest,
    kind: "number",
    value,
    rule: rule ?? numberWithin({ min, max, whole }),
    ...(unit && { unit }),
    ...(typed && { typed: { literal: typed, from: typed } }),
    isWhole: whole,
    limits: { min, max },
  };
}

export function number<const O extends NumberOptions>(options: O): Field<NumberOf<O>, undefined> {
  return numeric(options, undefined);
}

export function whole<const O extends NumberOptions>(options: O): Field<NumberOf<O>, undefined> {
  return numeric({ ...options, whole: true }, undefined);
}

/** A fraction from 0 to 1, which the form shows as a percentage. */
export function percent<const O extends NumberOptions>(options: O): Field<NumberOf<O>, undefined> {
  return { ...numeric<NumberOf<O>, undefined>(options, undefined), isPercent: true };
}

const SECONDS = { suffix: "Seconds", readAs: "Ms", factor: 1000 } as const;
const MINUTES = { suffix: "Minutes", readAs: "Ms", factor: 60_000 } as const;
const HOURS = { suffix: "Hours", readAs: "Ms", factor: 3_600_000 } as const;
const MIB = { suffix: "Mib", readAs: "Bytes", factor: 2 ** 20 } as const;
const GIB = { suffix: "Gib", readAs: "Bytes", factor: 2 ** 30 } as const;

/** A field `<name>Seconds`, which is read as `<name>Ms`. */
export function seconds<const O extends NumberOptions>(options: O): Field<NumberOf<O>, typeof SECONDS> {
  return numeric(options, SECONDS);
}

/** A field `<name>Minutes`, which is read as `<name>Ms`. */
export function minutes<const O extends NumberOptions>(options: O): Field<NumberOf<O>, typeof MINUTES> {
  return numeric(options, MINUTES);
}

/** A field `<name>Hours`, which is read as `<name>Ms`. */
export function hours<const O extends NumberOptions>(options: O): Field<NumberOf<O>, typeof HOURS> {
  return numeric(options, HOURS);
}

/** A field `<name>Mib`, which is read as `<name>Bytes`. */
export function mib<const O extends NumberOptions>(options: O): Field<NumberOf<O>, typeof MIB> {
  return numeric(options, MIB);
}

/** A field `<name>Gib`, which is read as `<name>Bytes`. */
export function gib<const O extends NumberOptions>(options: O): Field<NumberOf<O>, typeof GIB> {
  return numeric(options, GIB);
}

/**
 * One of a few words: an array of them, or a record with the key of the text of each word. The first word is the default, unless `value`
 * is set.
 */
export function choice<const C extends readonly string[] | Readonly<Record<string, string | null>>>(
  words: C,
  options: Look & Meaning & { readonly value?: string } = {},
): Field<C extends readonly (infer W)[] ? W : keyof C & string, undefined> {
  const choices: Record<string, string | null> = Array.isArray(words)
    ? Object.fromEntries(words.map((word) => [word, word]))
    : { ...(words as Readonly<Record<string, string | null>>) };
  const values = Object.keys(choices);
  return { value: values[0], ...options, kind: "choice", choices, rule: oneOf(values, "choice") };
}

/** A checkbox. */
export function flag(options: Look & Meaning & { readonly value: boolean }): Field<boolean, undefined> {
  return { ...options, kind: "flag" };
}

/** A list of keys (or names) and values. */
export function pairs(
  key: PairRules["key"],
  options: Look & Meaning & Omit<PairRules, "key" | "required"> = {},
): Field<Readonly<Record<string, string>>, undefined> {
  const { max, keyPattern, ...rest } = options;
  return { ...rest, kind: "pairs", value: [], pairs: { key, required: options.required, max, keyPattern } };
}

/** A reference to an account. `accountOf` finds it in the runtime. */
export function account(type: string, options: Look & Meaning = {}): Field<string, undefined> {
  return { icon: "cloud", required: true, ...options, kind: "account", value: "", accountType: type };
}

/** A credential, which Node-RED stores encrypted, apart from the flow. */
export function secret<const O extends Look & Meaning & { readonly shown?: boolean; readonly rule?: Rule }>(
  options: O,
): Field<Required<string, O>, undefined> {
  const { shown = false, ...rest } = options as Look & Meaning & { readonly shown?: boolean };
  return { confidential: true, ...rest, kind: "secret", value: "", secretType: shown ? "text" : "password" };
}
