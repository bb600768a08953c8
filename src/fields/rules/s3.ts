import { matching, type TextRule } from "./rule.ts";

/** Prefixes and suffixes that S3 reserves. */
const RESERVED_BUCKET = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** Returns whether a name follows S3's rules for general purpose buckets. */
export function isBucketName(name: string): boolean {
  const isWellFormed = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name);
  return isWellFormed && !name.includes("..") && !/^\d+\.\d+\.\d+\.\d+$/.test(name) && !RESERVED_BUCKET.test(name);
}

/** The name of a bucket. */
export const bucket: TextRule = (text) => (isBucketName(text) ? undefined : { key: "bucket", code: "S3_NAME_INVALID" });

/** Splits `s3://bucket` or `s3://bucket/prefix`; undefined for other strings. */
export function partsOfS3Uri(uri: string): { readonly bucket: string; readonly prefix: string } | undefined {
  const [, name, prefix = ""] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri) ?? [];
  return name !== undefined && isBucketName(name) ? { bucket: name, prefix } : undefined;
}

/** `s3://bucket` or `s3://bucket/prefix`, of a datasource of Lightly. */
export const datasourceUri: TextRule = (text) =>
  partsOfS3Uri(text) ? undefined : { key: "s3Uri", code: "LIGHTLY_DATASOURCE_INVALID" };

const KEY_PLACEHOLDERS = ["prefix", "random", "basename", "name", "extension", "date", "runId"];

/** A template of an object key. */
export const keyTemplate: TextRule = (text) => {
  const unknown = [...text.matchAll(/\{([^{}]*)\}/g)].find(([, name = ""]) => !KEY_PLACEHOLDERS.includes(name));
  if (unknown === undefined) {
    return undefined;
  }
  const known = KEY_PLACEHOLDERS.map((name) => `{${name}}`).join(" ");
  return { key: "keyTemplate", values: { found: unknown[0], known }, code: "S3_NAME_INVALID" };
};

export const mediaType = matching(/^[\w.+-]+\/[\w.+-]+(\s*;.*)?$/, "mediaType");
