import { AwsFault } from "../../aws/aws-fault.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** Batch's error for everything that is wrong with a request. */
export function clientError(reason: string, requestId?: string): AwsFault {
  const id = requestId === undefined ? "" : `, RequestId: ${requestId}`;
  return new AwsFault("ClientException", 400, `Error executing request, Exception : ${reason}${id}`);
}

/** A request's body as an object. */
export function parseBody(body: Buffer): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(body.length === 0 ? "{}" : body.toString("utf8"));
  } catch {
    throw clientError("The request is not JSON.");
  }
  return objectOf(value, "The request");
}

export function objectOf(value: unknown, what: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw clientError(`${what} must be an object.`);
  }
  return value as JsonObject;
}

/** A structure; empty when it is missing. */
export function objectField(from: JsonObject, name: string): JsonObject {
  return objectOf(from[name] ?? {}, name);
}

export function textField(from: JsonObject, name: string): string | undefined {
  const value = from[name] ?? undefined;
  if (value !== undefined && typeof value !== "string") {
    throw clientError(`${name} must be a string.`);
  }
  return value;
}

/** A string that must be there and not be empty. */
export function neededText(from: JsonObject, name: string): string {
  const value = textField(from, name);
  if (value === undefined || value === "") {
    throw clientError(`${name} must not be empty.`);
  }
  return value;
}

export function flagField(from: JsonObject, name: string): boolean {
  const value = from[name] ?? false;
  if (typeof value !== "boolean") {
    throw clientError(`${name} must be true or false.`);
  }
  return value;
}

/** A whole number within limits. */
export function numberField(from: JsonObject, name: string, least: number, most: number): number | undefined {
  const value = from[name] ?? undefined;
  if (value === undefined) {
    return undefined;
  }
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw clientError(`${name} must be a whole number, ${least} to ${most}.`);
  }
  return value;
}

/** A list; empty when it is missing. */
export function listField(from: JsonObject, name: string): readonly unknown[] {
  const value = from[name] ?? [];
  if (!Array.isArray(value)) {
    throw clientError(`${name} must be a list.`);
  }
  return value;
}

export function textList(from: JsonObject, name: string): string[] {
  return listField(from, name).map((item) => {
    if (typeof item !== "string") {
      throw clientError(`${name} must contain only strings.`);
    }
    return item;
  });
}

export function objectList(from: JsonObject, name: string): JsonObject[] {
  return listField(from, name).map((item) => objectOf(item, name));
}

/** A map of strings. */
export function textMap(from: JsonObject, name: string): Record<string, string> {
  const entries = Object.entries(objectField(from, name)).map(([key, value]): [string, string] => {
    if (typeof value !== "string") {
      throw clientError(`${name} must contain only strings.`);
    }
    return [key, value];
  });
  return Object.fromEntries(entries);
}

/** One of several words. */
export function wordField<T extends string>(from: JsonObject, name: string, words: readonly T[]): T | undefined {
  const value = textField(from, name);
  const found = words.find((word) => word === value);
  if (value !== undefined && found === undefined) {
    throw clientError(`${name} must be one of [${words.join(", ")}].`);
  }
  return found;
}

/** One page of a list, with an opaque token. */
export function page<T>(
  all: readonly T[],
  from: JsonObject,
  size: number,
): { items: T[]; next: { nextToken?: string } } {
  const token = textField(from, "nextToken") ?? "";
  const [, position] = /^from:(\d+)$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  if (token !== "" && position === undefined) {
    throw clientError("Invalid nextToken.");
  }
  const start = Number(position ?? 0);
  const end = start + size;
  const next = end < all.length ? { nextToken: Buffer.from(`from:${end}`).toString("base64url") } : {};
  return { items: all.slice(start, end), next };
}
