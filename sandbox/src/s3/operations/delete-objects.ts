import { AwsFault } from "../../aws/aws-fault.ts";
import { checkWrite, unquote } from "../conditions.ts";
import { readCheckedBody } from "../integrity.ts";
import { checkKey } from "../names.ts";
import { type S3Call, sendEmpty, sendXml } from "../s3-call.ts";
import {
  childElements,
  childText,
  group,
  malformedXml,
  parseXml,
  text,
  type XmlElement,
  xmlDocument,
} from "../s3-xml.ts";
import type { Bucket } from "../storage/bucket.ts";

/** Maximum number of keys in one DeleteObjects. */
const MAX_OBJECTS = 1000;

/** DeleteObject */
export function deleteObject(call: S3Call): void {
  const bucket = call.store.bucket(call.bucket);
  if (call.header("if-match") !== undefined) {
    checkWrite(call, bucket.get(call.key));
  }
  bucket.delete(call.key);
  sendEmpty(call, 204);
}

/** DeleteObjects */
export async function deleteObjects(call: S3Call): Promise<void> {
  call.store.bucket(call.bucket);
  const request = parseXml(await readCheckedBody(call, true), "Delete");
  const objects = childElements(request, "Object");
  if (objects.length === 0 || objects.length > MAX_OBJECTS || objects.some((object) => !childText(object, "Key"))) {
    throw malformedXml();
  }
  const bucket = call.store.bucket(call.bucket);
  const quiet = childText(request, "Quiet")?.trim() === "true";
  const results = objects.map((object) => deleteOne(bucket, object, quiet));
  sendXml(call, xmlDocument("DeleteResult", ...results));
}

function deleteOne(bucket: Bucket, object: XmlElement, quiet: boolean): string {
  const key = childText(object, "Key") ?? "";
  const etag = childText(object, "ETag");
  try {
    checkKey(key);
    if (etag !== undefined && bucket.get(key)?.etag !== unquote(etag)) {
      throw new AwsFault("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold");
    }
    bucket.delete(key);
    return quiet ? "" : group("Deleted", text("Key", key));
  } catch (error) {
    const { code, message } = error instanceof AwsFault ? error : { code: "InternalError", message: "It failed." };
    return group("Error", text("Key", key), text("Code", code), text("Message", message));
  }
}
