import { crc32 } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";

/** The CRC32 of some bytes in the format of S3. */
export function crc32Base64(bytes: Uint8Array): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return checksum.toString("base64");
}

/** Whether requests of a client carry checksums. `WHEN_REQUIRED` is set for stores that do not support them. */
export async function hasChecksums({ config }: S3Client): Promise<boolean> {
  return (await config.requestChecksumCalculation()) === "WHEN_SUPPORTED";
}

/** The checksum that a request sends with its body: none to stores that do not support checksums. */
export async function checksumOf(s3: S3Client, body: Uint8Array): Promise<{ ChecksumCRC32?: string }> {
  return (await hasChecksums(s3)) ? { ChecksumCRC32: crc32Base64(body) } : {};
}
