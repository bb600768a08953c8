import { bucketKind } from "./buckets.ts";
import { matching, type TextRule } from "./rule.ts";

/** Returns whether a text identifies a bucket: its name, an alias, or the ARN of an access point. */
export function isBucket(text: string): boolean {
  return bucketKind(text) !== undefined;
}

/** A bucket, by its name, an alias, or the ARN of an access point. Only the client knows whether its store takes a legacy name. */
export const bucket: TextRule = (text) =>
  isBucket(text) ? undefined : { key: "bucketOrArn", code: "S3_NAME_INVALID" };

/** The name of a bucket of AWS. */
export const bucketName: TextRule = (text) =>
  bucketKind(text) === "bucket" ? undefined : { key: "bucket", code: "S3_NAME_INVALID" };

/** An address where only a part of a key is meant: `s3://bucket/videos`, `arn:aws:s3:::bucket/videos`. */
const ADDRESS = /^(?:[a-z][a-z0-9+.-]{0,20}:\/\/|arn:aws[a-z-]{0,20}:)/i;

/** The beginning of object keys, without the bucket. */
export const keyPrefix: TextRule = (text) =>
  ADDRESS.test(text) ? { key: "keyPrefix", code: "S3_NAME_INVALID" } : undefined;

/** Splits `s3://bucket` or `s3://bucket/prefix`; undefined for other strings. */
export function partsOfS3Uri(uri: string): { readonly bucket: string; readonly prefix: string } | undefined {
  const [, name, prefix = ""] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri) ?? [];
  return name !== undefined && bucketKind(name) === "bucket" ? { bucket: name, prefix } : undefined;
}

/** Returns whether an `s3://` URI is a folder or below it, each with or without a slash at the end. */
export function isWithinFolder(uri: string, folder: string): boolean {
  const [inner, outer] = [uri, folder].map((one) => partsOfS3Uri(one.trim()));
  const asFolder = (prefix: string): string => prefix.replace(/\/?$/, "/").replace(/^\/$/, "");
  return (
    inner !== undefined &&
    outer !== undefined &&
    inner.bucket === outer.bucket &&
    asFolder(inner.prefix).startsWith(asFolder(outer.prefix))
  );
}

/** `s3://bucket` or `s3://bucket/prefix`, of a datasource of Lightly. */
export const datasourceUri: TextRule = (text) =>
  partsOfS3Uri(text) ? undefined : { key: "s3Uri", code: "LIGHTLY_DATASOURCE_INVALID" };

/** `s3://bucket`, a folder `s3://bucket/prefix`, or an object. */
export const s3Uri: TextRule = (text) => (partsOfS3Uri(text) ? undefined : { key: "s3Uri", code: "S3_NAME_INVALID" });

const KEY_PLACEHOLDERS = ["prefix", "random", "basename", "name", "extension", "date", "runId"];

/** A template of an object key. */
export const keyTemplate: TextRule = (text) => {
  const unknown = [...text.matchAll(/\{([^{}]*)\}/g)].find(([, name = ""]) => !KEY_PLACEHOLDERS.includes(name));
  if (unknown === undefined) {
    return keyPrefix(text);
  }
  const known = KEY_PLACEHOLDERS.map((name) => `{${name}}`).join(" ");
  return { key: "keyTemplate", values: { found: unknown[0], known }, code: "S3_NAME_INVALID" };
};

export const mediaType = matching(/^[\w.+-]+\/[\w.+-]+( *;[\x20-\x7e]*)?$/, "mediaType");

/** The value of an HTTP header. */
export const headerValue = matching(/^[\x20-\x7e]*$/, "headerValue");

/** The name of an entry of an object's metadata, which becomes a part of a header's name. */
export const METADATA_NAME = /^[\w.-]+$/;
