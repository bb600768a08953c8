import { randomBytes } from "node:crypto";
import { PipelineError } from "../../errors/pipeline-error.ts";

const DEFAULT_TEMPLATE = "{prefix}/{random}/{basename}";
const KEY_LIMIT_BYTES = 1024;

export interface ObjectKeyOptions {
  /** Folder in the bucket; slashes at its ends do not matter, and it may be empty. */
  readonly prefix: string;
  /** The file's name, without folders. */
  readonly basename: string;
  /** A key with `{prefix}`, `{random}`, `{basename}`, `{name}`, `{extension}` (without dot), `{date}` (UTC) or `{runId}`. */
  readonly template?: string;
  readonly runId?: string;
  readonly random?: () => string;
  readonly now?: Date;
}

/**
 * Makes the key of a new object: `prefix/RANDOM/basename`, so that two files of one name never meet, or what the template says.
 * Empty segments are left out.
 *
 * @throws PipelineError `S3_NAME_INVALID`
 */
export function objectKey(options: ObjectKeyOptions): string {
  const { prefix, basename, template = "", runId, random = randomName, now = new Date() } = options;
  const dot = basename.lastIndexOf(".");
  const values: Record<string, string | undefined> = {
    prefix: prefix.trim().replace(/^\/+|(?<!\/)\/+$/g, ""),
    random: random(),
    basename,
    name: dot > 0 ? basename.slice(0, dot) : basename,
    extension: dot > 0 ? basename.slice(dot + 1) : "",
    date: now.toISOString().slice(0, 10),
    runId,
  };
  const filled = (template.trim() || DEFAULT_TEMPLATE).replace(/\{(\w*)\}/g, (placeholder, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) {
      throw invalid(`the template has ${placeholder}, which has no value here`);
    }
    return value;
  });
  return validateObjectKey(filled.replace(/\/{2,}/g, "/").replace(/^\//, ""));
}

/**
 * The folder that all keys of a template have in common: what comes before its first random, dated or named part. It is empty for none.
 *
 * @returns without slashes at its ends
 */
export function commonFolder({ prefix, template = "" }: Pick<ObjectKeyOptions, "prefix" | "template">): string {
  const [fixed = ""] = (template.trim() || DEFAULT_TEMPLATE).replaceAll("{prefix}", () => prefix.trim()).split("{");
  return fixed
    .split("/")
    .slice(0, -1)
    .filter((segment) => segment !== "")
    .join("/");
}

/**
 * Checks an object's key: 1 to 1,024 bytes of UTF-8, no control characters, no `.` or `..` as a segment (browsers and tools
 * resolve them away), no slash at its end (tools take such an object for a folder).
 *
 * @returns the key
 * @throws PipelineError `S3_NAME_INVALID`
 */
export function validateObjectKey(key: string): string {
  const bytes = Buffer.byteLength(key);
  if (bytes === 0 || bytes > KEY_LIMIT_BYTES) {
    throw invalid(`it has ${bytes} bytes; 1 to ${KEY_LIMIT_BYTES} are allowed`, key);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(key) || !key.isWellFormed()) {
    throw invalid("it contains control characters or an incomplete surrogate pair", key);
  }
  if (key.split("/").some((segment) => segment === "." || segment === "..")) {
    throw invalid('"." and ".." may not stand between slashes', key);
  }
  if (key.endsWith("/")) {
    throw invalid("it ends in a slash, which names a folder", key);
  }
  return key;
}

/** 12 characters are enough to be unique in a prefix, and few enough to read. */
function randomName(): string {
  return randomBytes(6).toString("hex");
}

function invalid(why: string, key?: string): PipelineError {
  const shown = key === undefined ? "" : ` ${JSON.stringify(key.slice(0, 80))}`;
  return new PipelineError("S3_NAME_INVALID", `The object key${shown} is not valid: ${why}.`);
}
