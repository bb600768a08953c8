import { maskSecrets } from "./mask-secrets.ts";

/** A part of a value that is not in its copy as it was, and why. */
export interface OmittedPart {
  /** The names that lead to it, from the outside in: `["payload", "items", "3"]`; empty for the value itself. */
  readonly path: readonly string[];
  readonly why: string;
  /** The path can't be followed: a name of it is too long, reads like a secret, or is reserved by the language. */
  readonly inexact?: true;
}

/** A longer name of a member is not copied. Keys of S3 objects, the longest names that are common, have 1,024 bytes at most. */
export const MAX_NAME_LENGTH = 1024;
const MAX_PATH_LENGTH = 1000;
const MAX_PATH_DEPTH = 64;
const MAX_ENTRIES = 200;
const MAX_REASON_LENGTH = 200;

/** An assignment by one of these names may reach the prototype of every object: they are never followed. */
const RESERVED: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Stands for further ones that are not named. */
export const AND_MORE: OmittedPart = { path: [], why: "and more" };

/** Names a part for the disk: without secrets and of bounded length, and `inexact` where that changed the path. */
export function omittedAt(path: readonly string[], why: string): OmittedPart {
  let room = MAX_PATH_LENGTH;
  const names: string[] = [];
  for (const name of path) {
    room -= name.length;
    if (room < 0) {
      names.push("…");
      break;
    }
    names.push(maskSecrets(name));
  }
  const isExact = names.length === path.length && names.every((name, at) => name === path[at] && !RESERVED.has(name));
  return { path: names, why: why.slice(0, MAX_REASON_LENGTH), ...(isExact ? {} : { inexact: true }) };
}

/** Whether a path leads to the part, by own members only. */
export function canBeFollowed({ path, why, inexact }: OmittedPart): boolean {
  return inexact !== true && why !== AND_MORE.why && !path.some((name) => RESERVED.has(name));
}

/** The part as a user reads it: `payload.items.3 (too large)`. */
export function describeOmitted({ path, why }: OmittedPart): string {
  return path.length === 0 ? why : `${path.join(".")} (${why})`;
}

/** Whether what a file contains is a list of left-out parts. The file may be damaged, or made by another program. */
export function areOmittedParts(value: unknown): value is readonly OmittedPart[] {
  return Array.isArray(value) && value.length <= MAX_ENTRIES && value.every(isLeftOut);
}

function isLeftOut(value: unknown): value is OmittedPart {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const { path, why, inexact } = value as Readonly<Record<string, unknown>>;
  return (
    Array.isArray(path) &&
    path.length <= MAX_PATH_DEPTH &&
    path.every((name) => typeof name === "string" && name.length <= MAX_NAME_LENGTH) &&
    typeof why === "string" &&
    (inexact === undefined || inexact === true)
  );
}
