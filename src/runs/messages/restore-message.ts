import { MASK } from "./mask-secrets.ts";
import type { LeftOut, SafeCopy } from "./safe-copy.ts";

/**
 * A message as a step had received it. What the copy could not hold, and what stands masked in it, is taken from the live message
 * while there is one, and is absent otherwise: a mask must never be taken for the value.
 */
export function restoreMessage({ value, leftOut }: SafeCopy, live?: unknown): unknown {
  const message: unknown = revived(structuredClone(value));
  for (const { path } of leftOut) {
    put(message, path.split("."), live);
  }
  if (leftOut.some(isImprecise)) {
    sweep(message);
  }
  return message;
}

/** Node-RED's JSON form of a Buffer as the Buffer it was. */
function revived(value: unknown): unknown {
  if (!isObject(value)) {
    return value;
  }
  if (value.type === "Buffer" && Array.isArray(value.data) && Object.keys(value).length === 2) {
    return Buffer.from(value.data);
  }
  for (const [key, member] of Object.entries(value)) {
    value[key] = revived(member);
  }
  return value;
}

/** The names may be joined by dots and have dots in them: the longest that is there is meant. */
function put(target: unknown, path: readonly string[], source: unknown): void {
  if (!isObject(target) || path.length === 0) {
    return;
  }
  let length = path.length;
  while (length > 1 && !(path.slice(0, length).join(".") in target)) {
    length -= 1;
  }
  const [key, rest] = [path.slice(0, length).join("."), path.slice(length)];
  const from = isObject(source) ? source[key] : undefined;
  if (rest.length > 0 && isObject(target[key])) {
    put(target[key], rest, from);
  } else if (from !== undefined && rest.length === 0) {
    target[key] = from;
  } else {
    delete target[key];
  }
}

/** A list of names that was cut, or a name that was, does not lead to every mask. */
function isImprecise({ path, why }: LeftOut): boolean {
  return why === "and more" || path.length >= 200 || path.includes(MASK);
}

function sweep(target: unknown): void {
  if (!isObject(target) || Buffer.isBuffer(target)) {
    return;
  }
  for (const [key, member] of Object.entries(target)) {
    if (typeof member === "string" && member.includes(MASK)) {
      delete target[key];
    } else {
      sweep(member);
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
