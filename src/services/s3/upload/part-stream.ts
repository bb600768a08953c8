import { crc32 } from "node:zlib";
import type { ByteReader } from "../../http/byte-reader.ts";
import { base64OfCrc32 } from "./checksums.ts";

/** So much is read at a time that its checksum is computed while it is in the cache of the processor, which halves the time for it. */
const READ_BYTES = 512 * 1024;

/** One part of an object, ready to be sent. */
export interface FilledPart {
  /** Counts from 1. */
  readonly number: number;
  readonly bytes: Buffer;
  /** The CRC32 of the bytes in the format of S3. */
  readonly checksum: string;
  readonly isLast: boolean;
  /** Allows the memory of `bytes` to be reused for another part. */
  release(): void;
}

/**
 * Divides a source into parts, the last of which contains the rest (at least one byte, unless the source has none). Parts reuse a few buffers,
 * because the garbage collection of new ones would dominate at hundreds of megabytes per second.
 *
 * @param totalBytes - length of the source if it is known: an object smaller than a part needs a smaller buffer
 * @param atMost - how many buffers are used; those beyond a lowered number are given up
 */
export async function* partsOf(
  bytes: ByteReader,
  partSizeBytes: number,
  totalBytes = partSizeBytes,
  atMost: () => number = () => Number.POSITIVE_INFINITY,
): AsyncGenerator<FilledPart, void, undefined> {
  const capacity = Math.min(partSizeBytes, totalBytes);
  const free: Buffer[] = [];
  let count = 0;
  const take = (): Buffer => {
    const buffer = free.pop();
    count += buffer === undefined ? 1 : 0;
    return buffer ?? Buffer.allocUnsafeSlow(capacity);
  };
  const giveBack = (buffer: Buffer): void => {
    if (count > atMost()) {
      count -= 1;
    } else {
      free.push(buffer);
    }
  };
  for (let number = 1, isLast = false; !isLast; number += 1) {
    const buffer = take();
    const { filled, checksum } = await fill(buffer, bytes);
    // The last part has to be marked as such.
    isLast = await bytes.isAtEnd();
    yield { number, bytes: buffer.subarray(0, filled), checksum, isLast, release: () => giveBack(buffer) };
  }
}

/** Returns the number of bytes, which is smaller than the buffer only at the end, and their checksum. */
async function fill(buffer: Buffer, bytes: ByteReader): Promise<{ filled: number; checksum: string }> {
  let filled = 0;
  let checksum = 0;
  for (let read = -1; read !== 0 && filled < buffer.byteLength; filled += read) {
    read = await bytes.read(buffer.subarray(filled, filled + READ_BYTES));
    checksum = crc32(buffer.subarray(filled, filled + read), checksum);
  }
  return { filled, checksum: base64OfCrc32(checksum) };
}
