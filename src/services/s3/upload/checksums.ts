import { crc32 } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";

/** The CRC32 of some bytes in the format of S3. */
export function crc32Base64(bytes: Uint8Array): string {
  return base64OfCrc32(crc32(bytes));
}

/** A CRC32 in the format of S3. */
export function base64OfCrc32(crc: number): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc);
  return checksum.toString("base64");
}

/** Whether requests of a client carry checksums. `WHEN_REQUIRED` is set for stores that do not support them. */
export async function hasChecksums({ config }: S3Client): Promise<boolean> {
  return (await config.requestChecksumCalculation()) === "WHEN_SUPPORTED";
}

/** A request with the checksum of its body: none to stores that do not support checksums. */
export async function withChecksum<T extends object>(
  s3: S3Client,
  input: T,
  ChecksumCRC32: string,
): Promise<T & { ChecksumCRC32?: string }> {
  return (await hasChecksums(s3)) ? { ...input, ChecksumCRC32 } : input;
}
