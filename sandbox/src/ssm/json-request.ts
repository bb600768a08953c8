import { AwsFault } from "../aws/aws-fault.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** A request's body as an object. */
export function parseJson(body: Buffer): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(body.length === 0 ? "{}" : body.toString("utf8"));
  } catch {
    throw serialization("The request is not JSON.");
  }
  return objectOf(value, "The request");
}

/** An optional string field. */
export function textField(from: JsonObject, name: string): string | undefined {
  const value = from[name] ?? undefined;
  if (value !== undefined && typeof value !== "string") {
    throw serialization(`${name} is not a string.`);
  }
  return value;
}

/** A required string field. */
export function neededText(from: JsonObject, name: string): string {
  const value = textField(from, name);
  if (value === undefined) {
    throw constraint("null", name, "Member must not be null");
  }
  return value;
}

/** An optional whole number within limits. */
export function numberField(
  from: JsonObject,
  name: string,
  options: { least: number; most: number },
): number | undefined {
  const value = from[name] ?? undefined;
  if (value === undefined) {
    return undefined;
  }
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw serialization(`${name} is not a whole number.`);
  }
  if (value < options.least) {
    throw constraint(String(value), name, `Member must have value greater than or equal to ${options.least}`);
  }
  if (value > options.most) {
    throw constraint(String(value), name, `Member must have value less than or equal to ${options.most}`);
  }
  return value;
}

/** An array of strings; empty when it is missing. */
export function textList(from: JsonObject, name: string): string[] {
  return listField(from, name).map((item) => {
    if (typeof item !== "string") {
      throw serialization(`${name} must contain only strings.`);
    }
    return item;
  });
}

/** An array of objects; empty when it is missing. */
export function objectList(from: JsonObject, name: string): JsonObject[] {
  return listField(from, name).map((item) => objectOf(item, name));
}

/** `value` as an object. */
export function objectOf(value: unknown, what: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw serialization(`${what} is not an object.`);
  }
  return value as JsonObject;
}

/** The error of a value that breaks one of the service's constraints. */
export function constraint(value: string, member: string, rule: string): AwsFault {
  const name = `${member.charAt(0).toLowerCase()}${member.slice(1)}`;
  return new AwsFault(
    "ValidationException",
    400,
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: ${rule}`,
  );
}

/** One page of an array, with an opaque token like SSM's. */
export function jsonPage<T>(
  all: readonly T[],
  from: JsonObject,
  size: number,
): { items: T[]; next: { NextToken?: string } } {
  const token = textField(from, "NextToken");
  let start = 0;
  if (token !== undefined && token !== "") {
    const match = /^from:(\d+)$/.exec(Buffer.from(token, "base64url").toString());
    if (match === null) {
      throw new AwsFault("InvalidNextToken", 400, "The specified token isn't valid.");
    }
    start = Number(match[1]);
  }
  const end = start + size;
  const next = end < all.length ? { NextToken: Buffer.from(`from:${end}`).toString("base64url") } : {};
  return { items: all.slice(start, end), next };
}

function listField(from: JsonObject, name: string): unknown[] {
  const value = from[name] ?? [];
  if (!Array.isArray(value)) {
    throw serialization(`${name} is not a list.`);
  }
  return value;
}

function serialization(message: string): AwsFault {
  return new AwsFault("SerializationException", 400, message);
}
