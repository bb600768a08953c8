import { maskSecrets } from "./mask-secrets.ts";

/** A part of a value that is missing or masked in its copy, and why. */
export interface OmittedPart {
  /** The path to it, from the outside in: `["payload", "items", "3"]`; empty for the value itself. */
  readonly path: readonly string[];
  readonly why: string;
  /** The path can't be followed: one of its names is too long, looks like a secret, or is reserved by the language. */
  readonly inexact?: true;
}

/** Longer names are not copied. The longest common names are keys of S3 objects, with at most 1,024 bytes. */
export const MAX_NAME_LENGTH = 1024;
const MAX_PATH_LENGTH = 1000;
const MAX_PATH_DEPTH = 64;
const MAX_ENTRIES = 200;
const MAX_REASON_LENGTH = 200;

/** An assignment to one of these names may change the prototype of every object, so they are never followed. */
const RESERVED: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Stands for further parts that are not named. */
export const AND_MORE: OmittedPart = { path: [], why: "and more" };

/** Describes a part for the disk: without secrets and with a limited length. `inexact` if that has changed the path. */
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

/** Whether the path leads to the part. */
export function canBeFollowed({ path, why, inexact }: OmittedPart): boolean {
  return inexact !== true && why !== AND_MORE.why && !path.some((name) => RESERVED.has(name));
}

/** The description of a part for the user: `payload.items.3 (too large)`. */
export function describeOmitted({ path, why }: OmittedPart): string {
  return path.length === 0 ? why : `${path.join(".")} (${why})`;
}

/** Whether a value of a file is a list of omitted parts. The file may be damaged, or written by another program. */
export function areOmittedParts(value: unknown): value is readonly OmittedPart[] {
  return Array.isArray(value) && value.length <= MAX_ENTRIES && value.every(isOmittedPart);
}

function isOmittedPart(value: unknown): value is OmittedPart {
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
