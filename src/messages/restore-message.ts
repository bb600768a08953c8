import { MASK } from "./mask-secrets.ts";
import { canBeFollowed } from "./omitted-parts.ts";
import type { SafeCopy } from "./safe-copy.ts";

type Container = Record<string, unknown> | unknown[];

/**
 * A message as a step had received it. What the copy does not have, and what is masked in it, is taken from the live message
 * while there is one, and is absent otherwise: a mask must never be taken for the value.
 *
 * Copy and paths may come from a file, and their names from whoever sent the message. Only own members are read, written and
 * deleted, so that no name reaches a prototype.
 *
 * @param copy - as {@link copyMessage} made it, or as the journal kept it
 * @param live - the message itself; undefined after a restart
 * @returns an ordinary object that shares nothing with the copy
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

/** A copy in which Node-RED's JSON form of a Buffer is the Buffer again. */
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
  // Defines members instead of assigning them: no setter is called, whatever their names.
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

/** A path that can't be followed does not lead to its mask: all masks are looked for. */
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
    // A getter of the live message has thrown: it was not copied for that reason, either.
    return undefined;
  }
}

/** An object or list of the restored message; a Buffer is neither. */
function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Buffer.isBuffer(value);
}
