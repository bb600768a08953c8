import { extname } from "node:path";
import { lookup } from "mime-types";

const UNKNOWN = "application/octet-stream";

/** The content type of a file name's extension; `undefined` for an extension that is not registered. */
export function contentTypeOf(name: string): string | undefined {
  // A name without an extension is not looked up as if it were one: a file `mp4` is of no known type.
  return lookup(extname(name)) || undefined;
}

/** The first specific content type, of several in order of preference. */
export function bestContentType(...types: Array<string | undefined>): string {
  return types.find((type) => type !== undefined && type.trim() !== "" && !isUnspecific(type)) ?? UNKNOWN;
}

function isUnspecific(type: string): boolean {
  return /^\s*(application|binary)\/octet-stream\b/i.test(type);
}
