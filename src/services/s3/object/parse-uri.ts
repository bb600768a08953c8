import { bucketKind } from "../../../fields/rules/buckets.ts";

/** The ARN of an access point on Outposts has four parts: `arn:...:outpost/op-1/accesspoint/videos`. */
const MAX_ARN_PARTS = 4;

/**
 * Splits `s3://bucket/key`; `undefined` for anything else. The key may be empty, and may contain line breaks. In place of a bucket there may
 * be the ARN of an access point, which has slashes of its own.
 */
export function parseS3Uri(uri: string): { readonly bucket: string; readonly key: string } | undefined {
  const [, text = ""] = /^s3:\/\/(.+)$/s.exec(uri) ?? [];
  const parts = text.split("/");
  const length = text.startsWith("arn:") ? arnParts(parts) : 1;
  const bucket = parts.slice(0, length).join("/");
  return bucket === "" ? undefined : { bucket, key: parts.slice(length).join("/") };
}

/** Whether a text is the URI of an object. */
export function isObjectUri(text: string): boolean {
  const { bucket, key } = parseS3Uri(text) ?? { bucket: "", key: "" };
  return key !== "" && !/\s/.test(bucket);
}

/** How many of the parts are the ARN. */
function arnParts(parts: readonly string[]): number {
  const lengths = Array.from({ length: MAX_ARN_PARTS }, (_, index) => index + 1);
  return lengths.find((length) => bucketKind(parts.slice(0, length).join("/")) !== undefined) ?? 1;
}
