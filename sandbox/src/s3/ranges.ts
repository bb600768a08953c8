import { AwsFault } from "../aws/aws-fault.ts";
import type { ObjectRecord } from "./storage/object-records.ts";

/** The bytes that are sent: `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` header. Like S3, it ignores everything but a single range of bytes.
 *
 * @throws AwsFault `InvalidRange` (416) when it contains no byte of the object
 */
export function readRange(header: string | undefined, size: number): ByteRange | undefined {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  const [, first = "", last = ""] = parts ?? [];
  if (
    parts === null ||
    (first === "" && last === "") ||
    (first !== "" && last !== "" && Number(first) > Number(last))
  ) {
    return undefined;
  }
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  if (start >= end) {
    throw new AwsFault("InvalidRange", 416, "The requested range is not satisfiable", {
      RangeRequested: header ?? "",
      ActualObjectSize: String(size),
    });
  }
  return { start, end };
}

/**
 * The byte range of a part of an object.
 *
 * @throws AwsFault `InvalidPartNumber` (416)
 */
export function partRange(object: ObjectRecord, partNumber: number): ByteRange {
  const part = object.parts[partNumber - 1];
  if (part === undefined) {
    throw new AwsFault("InvalidPartNumber", 416, "The requested partnumber is not satisfiable", {
      PartNumberRequested: String(partNumber),
      ActualPartCount: String(object.parts.length),
    });
  }
  const start = object.parts.slice(0, partNumber - 1).reduce((sum, { bytes }) => sum + bytes, 0);
  return { start, end: start + part.bytes };
}
