import type { ByteReader } from "../../http/byte-reader.ts";

/** Reads bytes that are in memory. */
export function readBytes(bytes: Uint8Array): ByteReader {
  let position = 0;
  return {
    isAtEnd: async () => position === bytes.byteLength,
    read: async (target) => {
      const copied = bytes.subarray(position, position + target.byteLength);
      target.set(copied);
      position += copied.byteLength;
      return copied.byteLength;
    },
  };
}
