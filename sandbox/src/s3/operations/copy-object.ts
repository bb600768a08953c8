import { AwsFault } from "../../aws/aws-fault.ts";
import { splitOnce } from "../../split-once.ts";
import { type Algorithm, readAlgorithm } from "../checksums.ts";
import { checkRead, checkWrite, noSuchKey } from "../conditions.ts";
import { checkKey } from "../names.ts";
import { objectBytes } from "../object-bytes.ts";
import { encryptionHeaders, readProperties } from "../properties.ts";
import type { ByteRange } from "../ranges.ts";
import { entityTooLarge, MAX_PART_BYTES, type Received, receive } from "../receive.ts";
import { type S3Call, sendXml } from "../s3-call.ts";
import { isoSeconds } from "../s3-time.ts";
import { text, xmlDocument } from "../s3-xml.ts";
import type { ObjectProperties, ObjectRecord } from "../storage/object-records.ts";
import { storeObject } from "./write-object.ts";

/** CopyObject */
export async function copyObject(call: S3Call): Promise<void> {
  checkKey(call.key);
  checkWrite(call, call.store.bucket(call.bucket).get(call.key));
  const source = findSource(call);
  const properties = copiedProperties(call, source);
  const asked = call.header("x-amz-checksum-algorithm");
  const algorithm = asked === undefined ? source.checksum?.algorithm : readAlgorithm(asked);
  const received = await copyBytes(call, source, { start: 0, end: source.bytes }, algorithm);
  const object = storeObject(call, properties, received);
  sendXml(call, copyResult("CopyObjectResult", received), encryptionHeaders(object));
}

/** Writes a range of an object to a new data file. */
export async function copyBytes(
  call: S3Call,
  source: ObjectRecord,
  range: ByteRange,
  algorithm: Algorithm | undefined,
): Promise<Received> {
  if (range.end - range.start > MAX_PART_BYTES) {
    throw entityTooLarge(range.end - range.start);
  }
  return await receive({ files: call.store.files, source: objectBytes(call.store.files, source, range), algorithm });
}

export function copyResult(root: string, { md5, modified, checksum }: Received): string {
  const checksumElement = checksum ? text(`Checksum${checksum.algorithm}`, checksum.value) : "";
  return xmlDocument(root, text("LastModified", isoSeconds(modified)), text("ETag", `"${md5}"`), checksumElement);
}

/**
 * The object that `x-amz-copy-source` names, if it meets the copy's conditions.
 *
 * @throws AwsFault `InvalidArgument`, `NoSuchBucket`, `NoSuchKey`, `PreconditionFailed`
 */
export function findSource(call: S3Call): ObjectRecord {
  const header = call.header("x-amz-copy-source") ?? "";
  const [path = ""] = splitOnce(header.replace(/^\//, ""), "?versionId=");
  let bucket: string | undefined;
  let key: string | undefined;
  try {
    [bucket, key] = splitOnce(decodeURIComponent(path).replace(/^\//, ""), "/");
  } catch {
    // A broken percent code leaves both undefined.
  }
  if (!bucket || !key) {
    throw new AwsFault(
      "InvalidArgument",
      400,
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
    );
  }
  const source = call.store.bucket(bucket).get(key);
  if (source === undefined) {
    throw noSuchKey(key);
  }
  if (checkRead(call.header, source, "x-amz-copy-source-") === "unchanged") {
    const message = "At least one of the pre-conditions you specified did not hold";
    throw new AwsFault("PreconditionFailed", 412, message, { Condition: "x-amz-copy-source-If-None-Match" });
  }
  return source;
}

/** The properties that the copy inherits and those that the request replaces. */
function copiedProperties(call: S3Call, source: ObjectRecord): ObjectProperties {
  const given = readProperties(call);
  const metadataDirective = readDirective(call, "x-amz-metadata-directive");
  const taggingDirective = readDirective(call, "x-amz-tagging-directive");
  const changesNothing =
    metadataDirective === "COPY" &&
    !["x-amz-storage-class", "x-amz-server-side-encryption", "x-amz-website-redirect-location"].some(call.header);
  if (changesNothing && source === call.store.bucket(call.bucket).get(call.key)) {
    const what = "metadata, storage class, website redirect location or encryption attributes";
    const message = `This copy request is illegal because it is trying to copy an object to itself without changing its ${what}.`;
    throw new AwsFault("InvalidRequest", 400, message);
  }
  const { headers, metadata } = metadataDirective === "COPY" ? source : given;
  return { ...given, headers, metadata, tags: taggingDirective === "COPY" ? source.tags : given.tags };
}

function readDirective(call: S3Call, name: string): "COPY" | "REPLACE" {
  const value = call.header(name) ?? "COPY";
  if (value !== "COPY" && value !== "REPLACE") {
    throw new AwsFault("InvalidArgument", 400, `Unknown directive "${value}".`, { ArgumentName: name });
  }
  return value;
}
