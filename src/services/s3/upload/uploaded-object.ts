import type { PutObjectCommandOutput } from "@aws-sdk/client-s3";
import { type ObjectLocation, unquoted } from "../object/check-object.ts";

/** The response of S3 about the finished object. */
export type StoredResponse = Pick<PutObjectCommandOutput, "ETag" | "VersionId" | "ChecksumCRC32" | "ChecksumType">;

/** The result of an upload. */
export interface UploadedObject {
  bucket: string;
  key: string;
  /** `s3://bucket/key` */
  uri: string;
  bytes: number;
  /** Without quotes. Not the file's MD5 for an object of several parts. */
  etag: string;
  versionId?: string;
  /** `value` is base64; of type COMPOSITE it is the checksum of the parts' checksums. */
  checksum?: { algorithm: "CRC32"; value: string; type?: string };
}

/** Converts the response of S3 into an {@link UploadedObject}. */
export function uploadedObject({ bucket, key }: ObjectLocation, bytes: number, stored: StoredResponse): UploadedObject {
  const { ETag: etag, VersionId: versionId, ChecksumCRC32: value, ChecksumType: type } = stored;
  return {
    bucket,
    key,
    uri: `s3://${bucket}/${key}`,
    bytes,
    etag: unquoted(etag),
    ...(versionId !== undefined && { versionId }),
    ...(value !== undefined && { checksum: { algorithm: "CRC32", value, ...(type !== undefined && { type }) } }),
  };
}
