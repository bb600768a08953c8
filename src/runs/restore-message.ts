import type { SafeCopy } from "./journal/safe-copy.ts";

/**
 * A message as a step had received it. What the copy could not hold, and what stands masked in it, is taken from the live message
 * while there is one, and is absent otherwise: a mask must never be taken for the value.
 */
export function restoreMessage({ value, leftOut }: SafeCopy, live?: unknown): unknown {
  const message: unknown = structuredClone(value);
  for (const { path } of leftOut) {
    put(message, path.split("."), live);
  }
  return message;
}

function put(target: unknown, path: readonly string[], source: unknown): void {
  const [key, ...rest] = path;
  if (!isObject(target) || key === undefined) {
    return;
  }
  const from = isObject(source) ? source[key] : undefined;
  if (rest.length > 0 && isObject(target[key])) {
    put(target[key], rest, from);
  } else if (from !== undefined && rest.length === 0) {
    target[key] = from;
  } else {
    delete target[key];
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
