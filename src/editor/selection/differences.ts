import { ownEntry } from "../../errors/own-entry.ts";

/** Returns the paths at which two JSON values differ, such as `strategies[0].input.name`. */
export function differences(one: unknown, other: unknown, path = ""): string[] {
  if (one === other) {
    return [];
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    const indexes = Array.from({ length: Math.max(one.length, other.length) }, (_, index) => index);
    return indexes.flatMap((index) => differences(one[index], other[index], `${path}[${index}]`));
  }
  if (isObject(one) && isObject(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].flatMap((key) =>
      differences(ownEntry(one, key), ownEntry(other, key), path === "" ? key : `${path}.${key}`),
    );
  }
  return [path];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
