import { MASK } from "./mask-secrets.ts";
import { canBeFollowed } from "./omitted-parts.ts";
import type { SafeCopy } from "./safe-copy.ts";

type Container = Record<string, unknown> | unknown[];

/**
 * Restores the message that a step had received. Omitted and masked parts are taken from the live message if there is one, and are
 * absent otherwise: a mask must never be used as the value.
 *
 * The copy and its paths may come from a file, and their names from an external sender. Only own members are read, written and deleted,
 * so that no name reaches a prototype.
 *
 * @param copy - from {@link copyMessage} or the journal
 * @param live - the message itself; undefined after a restart
 * @returns a plain object that shares nothing with the copy
 */
export function restoreMessage({ value, omitted }: SafeCopy, live?: unknown): unknown {
  const message = reviveBuffers(value);
  for (const { path } of omitted.filter(canBeFollowed)) {
    restorePart(message, path, live);
  }
  if (!omitted.every(canBeFollowed)) {
    unmask(message, live);
  }
  return message;
}

/** Copies a value, and converts Node-RED's JSON form of a Buffer back to a Buffer. */
function reviveBuffers(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(reviveBuffers);
  }
  if (!isContainer(value)) {
    return value;
  }
  if (value.type === "Buffer" && areBytes(value.data) && Object.keys(value).length === 2) {
    return Buffer.from(value.data);
  }
  // Defines members instead of assigning them, so that no setter is called for any name.
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => (key === "__proto__" ? [] : [[key, reviveBuffers(member)]])),
  );
}

function areBytes(data: unknown): data is number[] {
  return Array.isArray(data) && data.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
}

function restorePart(target: unknown, [name, ...rest]: readonly string[], source: unknown): void {
  if (name === undefined || !isContainer(target)) {
    return;
  }
  const from = ownMember(source, name);
  if (rest.length > 0) {
    restorePart(ownMember(target, name), rest, from);
  } else {
    replace(target, name, from);
  }
}

/** Replaces all masks: for a part whose path can't be followed. */
function unmask(target: unknown, source: unknown): void {
  if (!isContainer(target)) {
    return;
  }
  for (const [name, member] of Object.entries(target)) {
    const from = ownMember(source, name);
    if (typeof member === "string" && member.includes(MASK)) {
      replace(target, name, from);
    } else {
      unmask(member, from);
    }
  }
}

function replace(target: Container, name: string, value: unknown): void {
  if (Array.isArray(target) && !Object.hasOwn(target, name)) {
    return;
  }
  if (value === undefined) {
    Reflect.deleteProperty(target, name);
  } else if (name !== "length" || !Array.isArray(target)) {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  }
}

function ownMember(source: unknown, name: string): unknown {
  try {
    const isThere = typeof source === "object" && source !== null && Object.hasOwn(source, name);
    return isThere ? (source as Readonly<Record<string, unknown>>)[name] : undefined;
  } catch {
    // A getter of the live message throws. For the same reason it was not copied.
    return undefined;
  }
}

/** Whether a value of the restored message is an object or array, but not a Buffer. */
function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Buffer.isBuffer(value);
}
