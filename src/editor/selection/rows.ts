import { isPredictions, isSource } from "../../services/lightly/selection/selection-pairs.ts";
import { type FieldKind, fieldsOf, nameOf, type StrategyField } from "./strategy-fields.ts";

/** A strategy in the form of a row. */
export interface Row {
  /** The type of the input or, for predictions, their name. */
  readonly source: string;
  readonly strategy: string;
  /** The texts of the fields, by name. A field that was not shown yet has none. An empty text may be intended. */
  readonly texts: Readonly<Record<string, string>>;
}

/** A strategy in the format of Lightly's API. */
export interface Entry {
  readonly input: Readonly<Record<string, unknown>>;
  readonly strategy: Readonly<Record<string, unknown>>;
}

/** Converts an entry to a row. Parts that a row can't show are lost: {@link differences} finds them. */
export function rowOf(entry: unknown): Row {
  const type = read(entry, ["input", "type"]);
  const source = String((type === "PREDICTIONS" ? read(entry, ["input", "name"]) : type) ?? "");
  const strategy = String(read(entry, ["strategy", "type"]) ?? "");
  const texts = fieldsOf(source, strategy).map((field) => [nameOf(field), textOf(field.kind, read(entry, field.path))]);
  return { source, strategy, texts: Object.fromEntries(texts) };
}

/** Converts a row to an entry. Blank fields are left out. A text that is not a number stays a text, which the validators refuse. */
export function entryOf({ source, strategy, texts }: Row): Entry {
  const type = isSource(source) && isPredictions(source) ? { type: "PREDICTIONS", name: source } : { type: source };
  const entry = { input: { ...type }, strategy: { type: strategy } };
  for (const field of shownFields({ source, strategy, texts })) {
    const value = jsonOf(field.kind, texts[nameOf(field)] ?? "");
    if (value !== undefined) {
      write(entry, field.path, value);
    }
  }
  return entry;
}

/** Returns the current fields of a row. */
export function shownFields({ source, strategy, texts }: Row): readonly StrategyField[] {
  return fieldsOf(source, strategy).filter(({ when }) => when?.((name) => texts[name] ?? "") ?? true);
}

function textOf(kind: FieldKind, value: unknown): string {
  if (value === undefined || value === null) {
    return "";
  }
  if (kind === "lines" && Array.isArray(value)) {
    return value.join("\n");
  }
  if (kind === "shares" && typeof value === "object") {
    return Object.entries(value)
      .map(([name, share]) => `${name}: ${String(share)}`)
      .join("\n");
  }
  return String(value);
}

function jsonOf(kind: FieldKind, typed: string): unknown {
  const text = typed.trim();
  if (text === "") {
    return undefined;
  }
  switch (kind) {
    case "number":
      return numberOr(text);
    case "lines":
      return linesOf(text);
    case "shares":
      return Object.fromEntries(linesOf(text).map(shareOf));
    default:
      return text;
  }
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

// A name may contain colons: the last one separates name and share.
function shareOf(line: string): [string, unknown] {
  const colon = line.lastIndexOf(":");
  return colon < 0 ? [line, ""] : [line.slice(0, colon).trim(), numberOr(line.slice(colon + 1).trim())];
}

function numberOr(text: string): unknown {
  const number = Number(text);
  return text === "" || !Number.isFinite(number) ? text : number;
}

function read(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
    value,
  );
}

function write(target: Record<string, unknown>, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[key] = value;
  } else {
    const inner = { ...(target[key] as Record<string, unknown> | undefined) };
    write(inner, rest, value);
    target[key] = inner;
  }
}
