import { randomBytes } from "node:crypto";
import { AwsFault } from "../../aws/aws-fault.ts";
import { readAlgorithm, readChecksumType } from "../checksums.ts";
import { checksumHeaders } from "../integrity.ts";
import { checkKey } from "../names.ts";
import { encryptionHeaders, readProperties } from "../properties.ts";
import { readRange } from "../ranges.ts";
import type { Received } from "../receive.ts";
import { type S3Call, sendEmpty, sendXml } from "../s3-call.ts";
import { text, xmlDocument } from "../s3-xml.ts";
import type { Upload } from "../storage/uploads.ts";
import { copyBytes, copyResult, findSource } from "./copy-object.ts";
import { receiveBody } from "./write-object.ts";

const MAX_PART_NUMBER = 10_000;

/** CreateMultipartUpload */
export function createMultipartUpload(call: S3Call): void {
  const bucket = call.store.bucket(call.bucket);
  checkKey(call.key);
  const properties = readProperties(call);
  const asked = call.header("x-amz-checksum-algorithm");
  const type = call.header("x-amz-checksum-type");
  if (asked === undefined && type !== undefined) {
    const message = "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.";
    throw new AwsFault("InvalidRequest", 400, message);
  }
  const algorithm = asked === undefined ? undefined : readAlgorithm(asked);
  const checksum = algorithm && { algorithm, type: readChecksumType(algorithm, type) };
  // Without the "-" of base64url, since a command line takes a leading "-" for an option.
  const uploadId = randomBytes(32).toString("hex");
  const { key } = call;
  bucket.uploads.begin({
    ...properties,
    uploadId,
    key,
    initiated: new Date().toISOString(),
    ...(checksum && { checksum }),
  });
  const xml = xmlDocument(
    "InitiateMultipartUploadResult",
    text("Bucket", call.bucket),
    text("Key", key),
    text("UploadId", uploadId),
  );
  sendXml(call, xml, {
    ...encryptionHeaders(properties),
    ...(checksum && { "x-amz-checksum-algorithm": checksum.algorithm, "x-amz-checksum-type": checksum.type }),
  });
}

/** UploadPart */
export async function uploadPart(call: S3Call): Promise<void> {
  const number = readPartNumber(call);
  const { record } = findUpload(call);
  const algorithm = record.checksum && { algorithm: record.checksum.algorithm, value: "" };
  const received = await receiveBody(call, algorithm);
  const { checksum } = received;
  if (record.checksum && checksum && checksum.algorithm !== record.checksum.algorithm) {
    call.store.files.discard([received.file]);
    const [expected, actual] = [record.checksum.algorithm, checksum.algorithm].map((name) => name.toLowerCase());
    const message = `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`;
    throw new AwsFault("InvalidRequest", 400, message);
  }
  storePart(call, number, received);
  sendEmpty(call, 200, {
    etag: `"${received.md5}"`,
    ...encryptionHeaders(record),
    ...checksumHeaders(checksum),
  });
}

/** UploadPartCopy */
export async function uploadPartCopy(call: S3Call): Promise<void> {
  const number = readPartNumber(call);
  const { record } = findUpload(call);
  const source = findSource(call);
  const header = call.header("x-amz-copy-source-range");
  const range = readRange(header, source.bytes);
  if (header !== undefined && range === undefined) {
    const message = "The x-amz-copy-source-range value must be of the form bytes=first-last";
    throw new AwsFault("InvalidArgument", 400, message);
  }
  const whole = { start: 0, end: source.bytes };
  const received = await copyBytes(call, source, range ?? whole, record.checksum?.algorithm);
  storePart(call, number, received);
  sendXml(call, copyResult("CopyPartResult", received), encryptionHeaders(record));
}

/** AbortMultipartUpload */
export function abortMultipartUpload(call: S3Call): void {
  const { record } = findUpload(call);
  call.store.bucket(call.bucket).uploads.end(record.uploadId);
  sendEmpty(call, 204);
}

/**
 * The unfinished upload that a request names.
 *
 * @throws AwsFault `NoSuchBucket`, `NoSuchUpload`
 */
export function findUpload(call: S3Call): Upload {
  const uploadId = call.query.get("uploadId") ?? "";
  const upload = call.store.bucket(call.bucket).uploads.get(uploadId);
  if (upload?.record.key !== call.key) {
    throw noSuchUpload(uploadId);
  }
  return upload;
}

function storePart(call: S3Call, number: number, received: Received): void {
  const uploadId = call.query.get("uploadId") ?? "";
  const stored =
    call.store.has(call.bucket) && call.store.bucket(call.bucket).uploads.put(uploadId, { ...received, number });
  if (!stored) {
    call.store.files.discard([received.file]);
    throw noSuchUpload(uploadId);
  }
}

function readPartNumber(call: S3Call): number {
  const value = call.query.get("partNumber") ?? "";
  const number = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > MAX_PART_NUMBER) {
    const message = `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`;
    throw new AwsFault("InvalidArgument", 400, message, { ArgumentName: "partNumber", ArgumentValue: value });
  }
  return number;
}

function noSuchUpload(uploadId: string): AwsFault {
  const message =
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
  return new AwsFault("NoSuchUpload", 404, message, { UploadId: uploadId });
}
