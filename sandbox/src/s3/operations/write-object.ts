import { AwsFault } from "../../aws/aws-fault.ts";
import { checkWrite } from "../conditions.ts";
import { checkIntegrity, checksumHeaders, readIntegrity } from "../integrity.ts";
import { checkKey } from "../names.ts";
import { encryptionHeaders, readProperties } from "../properties.ts";
import { entityTooLarge, MAX_PART_BYTES, type Received, receive } from "../receive.ts";
import { type S3Call, sendEmpty } from "../s3-call.ts";
import type { ObjectProperties, ObjectRecord } from "../storage/object-records.ts";

/** PutObject */
export async function putObject(call: S3Call): Promise<void> {
  checkKey(call.key);
  checkWrite(call, call.store.bucket(call.bucket).get(call.key));
  const properties = readProperties(call);
  const received = await receiveBody(call);
  const object = storeObject(call, properties, received);
  sendEmpty(call, 200, {
    etag: `"${object.etag}"`,
    ...encryptionHeaders(object),
    ...checksumHeaders(object.checksum),
    ...(object.checksum && { "x-amz-checksum-type": object.checksum.type }),
    "x-amz-object-size": String(object.bytes),
  });
}

/**
 * Writes the body of a request to a data file, checked against the length and digests that the sender gave.
 *
 * @throws AwsFault `MissingContentLength`, `EntityTooLarge`, `BadDigest` and the like
 */
export async function receiveBody(call: S3Call, fallback?: Received["checksum"]): Promise<Received> {
  const { payload } = call.request;
  if (payload.length === undefined) {
    throw new AwsFault("MissingContentLength", 411, "You must provide the Content-Length HTTP header.");
  }
  if (payload.length > MAX_PART_BYTES) {
    throw entityTooLarge(payload.length);
  }
  const integrity = readIntegrity(call);
  return await receive({
    files: call.store.files,
    source: payload.chunks(),
    algorithm: integrity.algorithm ?? fallback?.algorithm,
    check: (received) => checkIntegrity(integrity, received),
    mayFreeChunks: true,
  });
}

/** Turns bytes on disk into an object of one part, unless the request's conditions are no longer met. */
export function storeObject(call: S3Call, properties: ObjectProperties, received: Received): ObjectRecord {
  const { md5, bytes, modified, checksum } = received;
  const object: ObjectRecord = {
    ...properties,
    key: call.key,
    bytes,
    etag: md5,
    modified,
    parts: [{ ...received, number: 1 }],
    ...(checksum && { checksum: { ...checksum, type: "FULL_OBJECT" as const } }),
  };
  try {
    const bucket = call.store.bucket(call.bucket);
    checkWrite(call, bucket.get(call.key));
    bucket.put(object);
  } catch (error) {
    call.store.files.discard([received.file]);
    throw error;
  }
  return object;
}
