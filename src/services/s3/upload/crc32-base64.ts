import { crc32 } from "node:zlib";

/** The CRC32 of some bytes in the format of S3. */
export function crc32Base64(bytes: Uint8Array): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return checksum.toString("base64");
}
