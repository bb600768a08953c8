import { inspect } from "node:util";

/** In characters. */
const MAX_SHOWN_LENGTH = 60;

/** Describes the type of a value in a sentence. */
export function kindOf(value: unknown): string {
  return Array.isArray(value) ? "an array" : Buffer.isBuffer(value) ? "a buffer" : `of type ${typeof value}`;
}

/** Formats any value for a sentence. It may have a circular reference, a BigInt or a getter that throws. */
export function formatValue(value: unknown): string {
  const text = typeof value === "string" ? `"${value.slice(0, MAX_SHOWN_LENGTH)}"` : inspectValue(value);
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH - 3)}...` : text;
}

function inspectValue(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return String(value);
  }
  try {
    // Without limits, all of a large value would be formatted for sixty characters of it.
    const options = { depth: 2, maxArrayLength: 10, maxStringLength: MAX_SHOWN_LENGTH, breakLength: Infinity };
    return inspect(value, { ...options, customInspect: false, getters: false, compact: true });
  } catch {
    return kindOf(value);
  }
}
