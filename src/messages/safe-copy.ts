import { Copier } from "./copier.ts";
import type { OmittedPart } from "./omitted-parts.ts";

/** A copy that can be converted to JSON. */
export interface SafeCopy {
  readonly value: unknown;
  readonly omitted: readonly OmittedPart[];
}

/**
 * Copies a value for the disk. Secrets are masked. Values that JSON does not support or that exceed a limit are omitted and named. A
 * small Buffer is copied in Node-RED's JSON form (`{ type: "Buffer", data: [...] }`). Never throws, even if a getter of the value does.
 * The effort is limited: at most 5,000 values and 64 KiB of names and strings are read, and JSON in a text down to three levels.
 *
 * @param absent - the names of top-level members that are always omitted
 */
export function safeCopy(value: unknown, absent: readonly string[] = []): SafeCopy {
  const copier = new Copier(absent);
  return { value: copier.copy(value, []) ?? null, omitted: copier.omitted };
}

/** Like {@link safeCopy}, for an object. The result is always an object. */
export function safeObject(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copied = safeCopy({ value }).value as { value?: Record<string, unknown> };
  return copied.value ?? {};
}

/** Copies a Node-RED message without `req` and `res`: an HTTP exchange ends with its connection. */
export function copyMessage(message: unknown): SafeCopy {
  return safeCopy(message, ["req", "res"]);
}
