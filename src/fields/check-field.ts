import type { Field } from "./field.ts";
import { jsonStrings } from "./rules/json.ts";
import { faultOfPairs } from "./rules/pairs.ts";
import type { ReadProperty, Reason } from "./rules/rule.ts";

/** Checks the text of a field that applies. Returns undefined if it is valid. */
export function faultOfText(field: Field, text: string, read: ReadProperty): Reason | undefined {
  const { kind, rule, typed, required } = field;
  const trimmed = text.trim();
  if (trimmed === "") {
    return required ? { key: "missing" } : undefined;
  }
  if (kind !== "list") {
    return rule?.(trimmed, read);
  }
  return typed?.literal === "json" ? jsonStrings(trimmed) : faultOfItems(field, itemsOf(field, trimmed), read);
}

/** Checks the items of a list. */
export function faultOfItems({ rule, required }: Field, items: readonly string[], read: ReadProperty) {
  if (items.length === 0) {
    return required ? { key: "missing" } : undefined;
  }
  return items.map((item) => rule?.(item, read)).find((reason) => reason !== undefined);
}

/** Checks the rows of a list of pairs. */
export function faultOfRows({ pairs }: Field, rows: readonly unknown[]): Reason | undefined {
  return pairs && faultOfPairs(rows, pairs);
}

/** The items of a list that is written as one text: a JSON array, or items with separators. */
export function itemsOf({ separator = /[,\n]/ }: Field, text: string): string[] {
  return (jsonItems(text) ?? text.split(separator)).map((item) => item.trim()).filter((item) => item !== "");
}

/** The items of a JSON array of strings, numbers and booleans; undefined for another text, such as a name that begins with a bracket. */
function jsonItems(text: string): string[] | undefined {
  return /^\s*\[/.test(text) && jsonStrings(text) === undefined ? JSON.parse(text).map(String) : undefined;
}
