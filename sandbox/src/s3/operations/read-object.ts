import { pipeline } from "node:stream/promises";
import { AwsFault } from "../../aws/aws-fault.ts";
import { checksumHeader } from "../checksums.ts";
import { checkRead, noSuchKey } from "../conditions.ts";
import { objectBytes } from "../object-bytes.ts";
import { propertyHeaders } from "../properties.ts";
import { type ByteRange, partRange, readRange } from "../ranges.ts";
import { headerFromQuery, readCount, type S3Call, sendEmpty } from "../s3-call.ts";
import type { ObjectRecord } from "../storage/object-records.ts";

/** Response headers that the query of a signed request may override. */
const OVERRIDES = [
  "content-type",
  "content-language",
  "content-encoding",
  "content-disposition",
  "cache-control",
  "expires",
];

/** The object a request names. */
export function findObject(call: S3Call): ObjectRecord {
  const version = call.query.get("versionId");
  if (version !== null && version !== "null") {
    throw new AwsFault("InvalidArgument", 400, "Invalid version id specified", { ArgumentName: "versionId" });
  }
  const object = call.store.bucket(call.bucket).get(call.key);
  if (object === undefined) {
    throw noSuchKey(call.key);
  }
  return object;
}

/** HeadObject */
export function headObject(call: S3Call): void {
  const planned = planResponse(call);
  sendEmpty(call, planned.status, planned.headers);
}

/** GetObject */
export async function getObject(call: S3Call): Promise<void> {
  const { status, headers, object, range } = planResponse(call);
  if (status === 304) {
    sendEmpty(call, status, headers);
    return;
  }
  call.response.writeHead(status, headers);
  await pipeline(objectBytes(call.store.files, object, range), call.response).catch((error: unknown) => {
    // The reader may disconnect at any moment; the rest of the response is discarded.
    if (!call.request.message.destroyed) {
      throw error;
    }
  });
}

interface PlannedResponse {
  readonly status: 200 | 206 | 304;
  readonly headers: Record<string, string>;
  readonly object: ObjectRecord;
  readonly range: ByteRange;
}

/** The common part of the responses to HEAD and GET. */
function planResponse(call: S3Call): PlannedResponse {
  const object = findObject(call);
  const whole = { start: 0, end: object.bytes };
  const validators = { etag: `"${object.etag}"`, "last-modified": new Date(object.modified).toUTCString() };
  if (checkRead(call.header, object) === "unchanged") {
    return { status: 304, headers: validators, object, range: whole };
  }
  const partNumber = readCount(call, "partNumber", 0, 10_000);
  const rangeHeader = call.header("range");
  if (partNumber > 0 && rangeHeader !== undefined) {
    const message = "Cannot specify both Range header and partNumber query parameter";
    throw new AwsFault("InvalidRequest", 400, message);
  }
  const partial = partNumber > 0 ? partRange(object, partNumber) : readRange(rangeHeader, object.bytes);
  const range = partial ?? whole;
  const headers = {
    ...propertyHeaders(object),
    ...validators,
    ...overrides(call),
    ...(call.header("x-amz-checksum-mode")?.toUpperCase() === "ENABLED" ? checksum(object, partNumber, partial) : {}),
    "accept-ranges": "bytes",
    "content-length": String(range.end - range.start),
    ...(partial && object.bytes > 0
      ? { "content-range": `bytes ${range.start}-${range.end - 1}/${object.bytes}` }
      : {}),
    ...(partNumber > 0 && object.uploadId ? { "x-amz-mp-parts-count": String(object.parts.length) } : {}),
  };
  return { status: partial ? 206 : 200, headers, object, range };
}

function overrides(call: S3Call): Record<string, string> {
  const given = OVERRIDES.map((name) => [name, headerFromQuery(call.query, `response-${name}`)] as const);
  return Object.fromEntries(given.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
}

/** A checksum is sent only with the bytes that it covers: the whole object, or one part of it. */
function checksum(object: ObjectRecord, partNumber: number, partial: ByteRange | undefined): Record<string, string> {
  if (partial === undefined) {
    const { checksum: own } = object;
    return own ? { [checksumHeader(own.algorithm)]: own.value, "x-amz-checksum-type": own.type } : {};
  }
  const part = object.parts[partNumber - 1]?.checksum;
  return part ? { [checksumHeader(part.algorithm)]: part.value } : {};
}
