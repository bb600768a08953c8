/** Splits `s3://bucket/key`; `undefined` for anything else. The key may be empty, and may contain line breaks. */
export function parseS3Uri(uri: string): { readonly bucket: string; readonly key: string } | undefined {
  const [, bucket, key] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri) ?? [];
  return bucket === undefined ? undefined : { bucket, key: key ?? "" };
}
