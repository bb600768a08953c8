import { readCheckedBody } from "../integrity.ts";
import { type S3Call, sendEmpty, sendXml } from "../s3-call.ts";
import { parseXml } from "../s3-xml.ts";
import { readTagging, writeTagging } from "../tag-set.ts";
import { findObject } from "./read-object.ts";

/** GetObjectTagging */
export function getObjectTagging(call: S3Call): void {
  sendXml(call, writeTagging(findObject(call).tags));
}

/** PutObjectTagging */
export async function putObjectTagging(call: S3Call): Promise<void> {
  const tags = readTagging(parseXml(await readCheckedBody(call), "Tagging"));
  call.store.bucket(call.bucket).put({ ...findObject(call), tags });
  sendEmpty(call, 200);
}

/** DeleteObjectTagging */
export function deleteObjectTagging(call: S3Call): void {
  call.store.bucket(call.bucket).put({ ...findObject(call), tags: {} });
  sendEmpty(call, 204);
}
