import { PipelineError } from "../../errors/pipeline-error.ts";

/**
 * A list of `{ key | name, value }` rows as the forms save it, as one object; rows without a key are left out.
 *
 * @throws PipelineError `INPUT_INVALID` when it is no such list
 */
export function pairs(rows: unknown, field: string): Record<string, string> {
  if (rows === undefined || rows === "") {
    return {};
  }
  if (!Array.isArray(rows)) {
    throw new PipelineError("INPUT_INVALID", `"${field}" must be a list of names and values.`, { details: { field } });
  }
  const named = rows.map((row: { key?: unknown; name?: unknown; value?: unknown }) => [
    String(row.key ?? row.name ?? "").trim(),
    String(row.value ?? ""),
  ]);
  return Object.fromEntries(named.filter(([name]) => name !== ""));
}

/**
 * A list as users write it: an array, or a text with commas or line breaks.
 *
 * @throws PipelineError `INPUT_INVALID` when an item of the array is no text, number or boolean
 */
export function list(value: unknown): string[] {
  const parts = Array.isArray(value) ? value.map(itemText) : typeof value === "string" ? value.split(/[,\n]/) : [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

function itemText(item: unknown): string {
  if (typeof item !== "string" && typeof item !== "number" && typeof item !== "boolean") {
    const kind = Array.isArray(item) ? "a list" : `of type ${typeof item}`;
    throw new PipelineError(
      "INPUT_INVALID",
      `A list must have texts and numbers only, but one of its items is ${kind}.`,
    );
  }
  return String(item);
}
