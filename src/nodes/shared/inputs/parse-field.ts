import type { ErrorCode } from "../../../errors/error-codes.ts";
import { ownEntry } from "../../../errors/own-entry.ts";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { faultOfItems, faultOfRows, faultOfText, itemsOf } from "../../../fields/check-field.ts";
import type { Field } from "../../../fields/field.ts";
import { REASON_TEXTS } from "../../../fields/reason-texts.ts";
import { keyOf } from "../../../fields/rules/pairs.ts";
import type { ReadProperty, Reason } from "../../../fields/rules/rule.ts";
import { formatValue, kindOf } from "./format-value.ts";

/** A field and its value for one message, for {@link parseField}. */
export interface ParseFieldOptions {
  /** The name of the node, as errors mention it. */
  readonly who: string;
  readonly name: string;
  readonly field: Field;
  /** The evaluated value. */
  readonly value: unknown;
  readonly read: ReadProperty;
}

/**
 * Converts the value of a field to the type of its kind, in the unit of the runtime.
 *
 * @throws PipelineError `INPUT_INVALID`, or the code of the field's rule, for a value that the form would refuse too
 */
export function parseField(options: ParseFieldOptions): unknown {
  const { field, value } = options;
  switch (field.kind) {
    case "flag":
      return typeof value === "boolean" ? value : isBlank(value) ? field.value : value === "true";
    case "pairs":
      return parsePairs(options);
    case "list":
      return parseList(options);
    case "number":
      return parseNumber(options);
    case "json":
    case "any":
      return parseAny(options);
    default:
      return parseText(options);
  }
}

/** Returns whether there is no value. */
export function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}

/** The error for a field without a value. */
export function missingError(
  { who, name, field }: Omit<ParseFieldOptions, "value" | "read">,
  from = "",
): PipelineError {
  return invalidError(field.missingCode, `${who}: "${name}" is missing${from}.`, name);
}

function parseText(options: ParseFieldOptions): string | undefined {
  const { field, value, read } = options;
  if (isBlank(value)) {
    if (field.kind === "choice") {
      return String(field.value);
    }
    if (field.required) {
      throw missingError(options);
    }
    return undefined;
  }
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    throw fieldError(options, `must be a string, but is ${kindOf(value)}`);
  }
  const text = String(value).trim();
  refuse(options, faultOfText(field, text, read), value);
  return text;
}

function parseNumber(options: ParseFieldOptions): number | undefined {
  const { field, value, read } = options;
  if (isBlank(value)) {
    if (field.required) {
      throw missingError(options);
    }
    return undefined;
  }
  const number = typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
  refuse(options, field.rule?.(String(number), read), value);
  return field.unit ? Math.round(number * field.unit.factor) : number;
}

function parseList(options: ParseFieldOptions): string[] {
  const { field, value, read } = options;
  if (isBlank(value) && field.required) {
    throw missingError(options);
  }
  const items = itemsIn(options);
  refuse(options, faultOfItems(field, items, read), value);
  return items;
}

function itemsIn(options: ParseFieldOptions): string[] {
  const { field, value } = options;
  if (isBlank(value)) {
    return [];
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return itemsOf(field, String(value));
  }
  if (!Array.isArray(value)) {
    throw fieldError(options, `must be an array or a string, but is ${kindOf(value)}`);
  }
  // A list that was restored without one of its items has a hole, which `map` would skip.
  return Array.from(value)
    .map((item: unknown) => {
      if (typeof item !== "string" && typeof item !== "number" && typeof item !== "boolean") {
        throw fieldError(options, `must have strings and numbers only, but one of its items is ${kindOf(item)}`);
      }
      // A name may contain a comma.
      return String(item).trim();
    })
    .filter((item) => item !== "");
}

function parsePairs(options: ParseFieldOptions): Record<string, string> {
  const { field, value: rows } = options;
  if (isBlank(rows)) {
    refuse(options, faultOfRows(field, []), rows);
    return {};
  }
  if (!Array.isArray(rows)) {
    throw fieldError(options, `must be an array of names and values, but is ${kindOf(rows)}`);
  }
  refuse(options, faultOfRows(field, rows), rows);
  const { key } = field.pairs ?? { key: "key" };
  return Object.fromEntries(rows.map((row) => [keyOf(row, key), String(Object(row).value ?? "")]));
}

function parseAny(options: ParseFieldOptions): unknown {
  const { field, value, read } = options;
  if (isBlank(value)) {
    // The node itself checks a value of any kind.
    if (field.required && field.kind !== "any") {
      throw missingError(options);
    }
    return undefined;
  }
  if (typeof value === "string") {
    refuse(options, faultOfText(field, value, read), value);
  }
  return value;
}

function refuse(options: ParseFieldOptions, reason: Reason | undefined, value: unknown): void {
  if (reason === undefined) {
    return;
  }
  const { field } = options;
  const isRepeated = reason.key !== "missing" && !field.confidential && !reason.key.startsWith("pair");
  const words = Object.keys(field.choices ?? {}).filter((word) => word !== "");
  const text =
    field.kind === "choice"
      ? `must be one of ${words.join(", ")}`
      : fillText(ownEntry(REASON_TEXTS, reason.key) ?? "is not valid", reason.values);
  throw fieldError(options, `${text}${isRepeated ? `, but is ${formatValue(value)}` : ""}`, reason.code);
}

function fillText(text: string, values: Readonly<Record<string, unknown>> = {}): string {
  return text.replaceAll(/__(\w+?)__/g, (_placeholder, name: string) => String(values[name]));
}

function fieldError({ who, name }: ParseFieldOptions, what: string, code?: ErrorCode): PipelineError {
  return invalidError(code, `${who}: "${name}" ${what}.`, name);
}

function invalidError(code: ErrorCode = "INPUT_INVALID", message: string, field: string): PipelineError {
  return new PipelineError(code, message, { details: { field } });
}
