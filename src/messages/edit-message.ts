import { isDeepStrictEqual } from "node:util";
import { ownEntry } from "../errors/own-entry.ts";
import type { SafeCopy } from "./safe-copy.ts";

/**
 * Replaces the value of a copy by an edited one. A masked or omitted part that the user has left as it was is still restored from the live
 * message; one that the user has changed or removed is not.
 */
export function editMessage({ value, omitted }: SafeCopy, edited: Readonly<Record<string, unknown>>): SafeCopy {
  const isUnchanged = (path: readonly string[]): boolean =>
    isDeepStrictEqual(partAt(value, path), partAt(edited, path));
  return { value: edited, omitted: omitted.filter(({ path, inexact }) => inexact === true || isUnchanged(path)) };
}

function partAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) =>
      typeof at === "object" && at !== null ? ownEntry(at as Readonly<Record<string, unknown>>, name) : undefined,
    value,
  );
}
