import { createHash } from "node:crypto";
import { AwsFault } from "../../aws/aws-fault.ts";
import { checksumHeader, joinChecksums, type ObjectChecksum } from "../checksums.ts";
import { checkWrite, unquote } from "../conditions.ts";
import { encryptionHeaders } from "../properties.ts";
import { type S3Call, sendXml } from "../s3-call.ts";
import { childElements, childText, malformedXml, parseXml, text, type XmlElement, xmlDocument } from "../s3-xml.ts";
import type { ObjectRecord, StoredPart, UploadRecord } from "../storage/object-records.ts";
import type { Upload } from "../storage/uploads.ts";
import { findUpload } from "./multipart-upload.ts";

/** Minimum size of every part except the last. */
const MIN_PART_BYTES = 5 * 1024 * 1024;

/**
 * CompleteMultipartUpload: the parts' files become the object, nothing is copied. A repeated request after completion
 * gets the same response, because the first one may have been lost.
 */
export async function completeMultipartUpload(call: S3Call): Promise<void> {
  call.store.bucket(call.bucket);
  const body = await call.request.body();
  const bucket = call.store.bucket(call.bucket);
  const existing = bucket.get(call.key);
  if (existing?.uploadId !== undefined && existing.uploadId === call.query.get("uploadId")) {
    respond(call, existing);
    return;
  }
  const upload = findUpload(call);
  const parts = chooseParts(parseXml(body, "CompleteMultipartUpload"), upload);
  checkSizes(call, parts);
  const checksum = joinUploadChecksum(call, upload.record, parts);
  checkWrite(call, existing);
  const object = buildObject(upload.record, parts, checksum);
  bucket.put(object);
  bucket.uploads.end(upload.record.uploadId, new Set(parts.map(({ file }) => file)));
  respond(call, object);
}

function respond(call: S3Call, object: ObjectRecord): void {
  const { checksum } = object;
  const xml = xmlDocument(
    "CompleteMultipartUploadResult",
    text("Location", new URL(call.request.url.pathname, `http://${call.request.message.headers.host}`).href),
    text("Bucket", call.bucket),
    text("Key", object.key),
    text("ETag", `"${object.etag}"`),
    checksum ? text(`Checksum${checksum.algorithm}`, checksum.value) : "",
    text("ChecksumType", checksum?.type),
  );
  sendXml(call, xml, encryptionHeaders(object));
}

/** The stored parts that the request lists, in its order. */
function chooseParts(request: XmlElement, upload: Upload): StoredPart[] {
  const listed = childElements(request, "Part");
  if (listed.length === 0) {
    throw malformedXml();
  }
  let previous = 0;
  return listed.map((element) => {
    const number = Number(childText(element, "PartNumber")?.trim() || Number.NaN);
    const etag = childText(element, "ETag");
    if (!Number.isInteger(number) || number < 1 || etag === undefined) {
      throw malformedXml();
    }
    if (number <= previous) {
      const message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
      throw new AwsFault("InvalidPartOrder", 400, message, { UploadId: upload.record.uploadId });
    }
    previous = number;
    const part = upload.parts.get(number);
    if (part === undefined || part.md5 !== unquote(etag) || !hasListedChecksum(element, part)) {
      const message =
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
      const details = { UploadId: upload.record.uploadId, PartNumber: String(number), ETag: unquote(etag) };
      throw new AwsFault("InvalidPart", 400, message, details);
    }
    return part;
  });
}

function hasListedChecksum(element: XmlElement, part: StoredPart): boolean {
  const name = Object.keys(element).find((child) => child.startsWith("Checksum"));
  const value = name === undefined ? undefined : childText(element, name);
  return value === undefined || (name === `Checksum${part.checksum?.algorithm}` && value === part.checksum?.value);
}

function checkSizes(call: S3Call, parts: readonly StoredPart[]): void {
  const small = parts.slice(0, -1).find(({ bytes }) => bytes < MIN_PART_BYTES);
  if (small !== undefined) {
    throw new AwsFault("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size", {
      ProposedSize: String(small.bytes),
      MinSizeAllowed: String(MIN_PART_BYTES),
      PartNumber: String(small.number),
      ETag: small.md5,
    });
  }
  const announced = call.header("x-amz-mp-object-size");
  const bytes = sumBytes(parts);
  if (announced !== undefined && Number(announced) !== bytes) {
    const message = `The provided 'x-amz-mp-object-size' header value ${announced} does not match what was computed: ${bytes}`;
    throw new AwsFault("InvalidRequest", 400, message);
  }
}

function joinUploadChecksum(
  call: S3Call,
  upload: UploadRecord,
  parts: readonly StoredPart[],
): ObjectChecksum | undefined {
  if (upload.checksum === undefined) {
    return undefined;
  }
  const { algorithm, type } = upload.checksum;
  const sums = parts.map(({ checksum, bytes }) => ({ value: checksum?.value ?? "", bytes }));
  const checksum = joinChecksums(algorithm, type, sums);
  const expected = call.header(checksumHeader(algorithm));
  if (expected !== undefined && expected !== checksum.value && `${expected}-${parts.length}` !== checksum.value) {
    throw new AwsFault("BadDigest", 400, `The ${algorithm} you specified did not match the calculated checksum.`);
  }
  const asked = call.header("x-amz-checksum-type");
  if (asked !== undefined && asked !== type) {
    const message = `The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`;
    throw new AwsFault("InvalidRequest", 400, message);
  }
  return checksum;
}

function buildObject(
  upload: UploadRecord,
  parts: readonly StoredPart[],
  checksum: ObjectChecksum | undefined,
): ObjectRecord {
  const { initiated: _, checksum: __, ...properties } = upload;
  const digests = createHash("md5");
  for (const { md5 } of parts) {
    digests.update(md5, "hex");
  }
  return {
    ...properties,
    bytes: sumBytes(parts),
    etag: `${digests.digest("hex")}-${parts.length}`,
    modified: new Date().toISOString(),
    parts,
    ...(checksum && { checksum }),
  };
}

function sumBytes(parts: readonly StoredPart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}
