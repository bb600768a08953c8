import { ownEntry } from "../../../errors/own-entry.ts";

/** A string of a step's checkpoint; undefined if it is missing. */
export function idOf(checkpoint: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const id = ownEntry(checkpoint, name);
  return typeof id === "string" && id !== "" ? id : undefined;
}

/** A string array of a step's checkpoint; undefined if it is missing. */
export function idsOf(checkpoint: Readonly<Record<string, unknown>>, name: string): string[] | undefined {
  const ids = ownEntry(checkpoint, name);
  return Array.isArray(ids) && ids.every((id) => typeof id === "string") ? ids : undefined;
}
