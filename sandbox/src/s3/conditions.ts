import { AwsFault } from "../aws/aws-fault.ts";
import type { S3Call } from "./s3-call.ts";
import type { ObjectRecord } from "./storage/object-records.ts";

type HeaderReader = (name: string) => string | undefined;

/**
 * Checks a reader's conditions: its `If-…` headers or, for the source of a copy, those with `prefix`.
 *
 * @returns `"unchanged"` when the reader already has the object (304)
 * @throws AwsFault `PreconditionFailed`
 */
export function checkRead(header: HeaderReader, object: ObjectRecord, prefix = ""): "send" | "unchanged" {
  const match = header(`${prefix}if-match`);
  const noneMatch = header(`${prefix}if-none-match`);
  const modifiedSince = readDate(header(`${prefix}if-modified-since`));
  const unmodifiedSince = readDate(header(`${prefix}if-unmodified-since`));
  const modified = Math.floor(Date.parse(object.modified) / 1000) * 1000;
  if (match !== undefined ? !matches(match, object) : unmodifiedSince !== undefined && modified > unmodifiedSince) {
    throw preconditionFailed(match === undefined ? "If-Unmodified-Since" : "If-Match");
  }
  const unchanged =
    noneMatch !== undefined ? matches(noneMatch, object) : modifiedSince !== undefined && modified <= modifiedSince;
  return unchanged ? "unchanged" : "send";
}

/**
 * Checks whether a writer may replace or remove the current object.
 *
 * @throws AwsFault `PreconditionFailed`, `NoSuchKey` for an If-Match without an object, `NotImplemented`
 */
export function checkWrite(call: S3Call, object: ObjectRecord | undefined): void {
  const match = call.header("if-match");
  const noneMatch = call.header("if-none-match");
  if (noneMatch !== undefined && noneMatch !== "*") {
    throw new AwsFault("NotImplemented", 501, "A header you provided implies functionality that is not implemented", {
      Header: "If-None-Match",
    });
  }
  if (noneMatch !== undefined && object !== undefined) {
    throw preconditionFailed("If-None-Match");
  }
  if (match !== undefined && object === undefined) {
    throw noSuchKey(call.key);
  }
  if (match !== undefined && object !== undefined && !matches(match, object)) {
    throw preconditionFailed("If-Match");
  }
}

export function noSuchKey(key: string): AwsFault {
  return new AwsFault("NoSuchKey", 404, "The specified key does not exist.", { Key: key });
}

function preconditionFailed(condition: string): AwsFault {
  const message = "At least one of the pre-conditions you specified did not hold";
  return new AwsFault("PreconditionFailed", 412, message, { Condition: condition });
}

function matches(list: string, object: ObjectRecord): boolean {
  return list.split(",").some((tag) => tag.trim() === "*" || unquote(tag) === object.etag);
}

/** An ETag as it is stored: without spaces, `W/` and quotation marks. */
export function unquote(etag: string): string {
  return etag.trim().replace(/^(?:W\/)?"?|"$/g, "");
}

function readDate(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : time;
}
