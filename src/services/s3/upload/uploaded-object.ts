import type { PutObjectCommandOutput } from "@aws-sdk/client-s3";
import { type ObjectPlace, unquoted } from "../object/check-object.ts";

/** What S3 says of the finished object. */
export type StoredAnswer = Pick<PutObjectCommandOutput, "ETag" | "VersionId" | "ChecksumCRC32" | "ChecksumType">;

/** The object that an upload has made. */
export interface UploadedObject {
  bucket: string;
  key: string;
  /** `s3://bucket/key` */
  uri: string;
  bytes: number;
  /** Without quotes. For an object of several parts not the file's MD5. */
  etag: string;
  versionId?: string;
  /** `value` is base64; of type COMPOSITE it is the checksum of the parts' checksums. */
  checksum?: { algorithm: "CRC32"; value: string; type?: string };
}

/** Puts S3's answer into the words of {@link UploadedObject}. */
export function uploadedObject({ bucket, key }: ObjectPlace, bytes: number, stored: StoredAnswer): UploadedObject {
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
