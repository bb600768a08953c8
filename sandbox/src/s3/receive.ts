import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { AwsFault } from "../aws/aws-fault.ts";
import { type Algorithm, startChecksum } from "./checksums.ts";
import type { DataFiles } from "./storage/data-files.ts";
import type { StoredPart } from "./storage/object-records.ts";

/** S3's maximum size of one request. */
export const MAX_PART_BYTES = 5 * 1024 ** 3;
const WRITE_BYTES = 1024 * 1024;

/** Bytes on disk that do not belong to an object yet. */
export type Received = Omit<StoredPart, "number">;

/**
 * Writes bytes to a new data file as they arrive and hashes them. On any failure the file is removed.
 *
 * @throws AwsFault `EntityTooLarge`, and the errors of the source
 */
export async function receive(
  files: DataFiles,
  source: AsyncIterable<Buffer>,
  algorithm: Algorithm | undefined,
  check: (received: Received) => void = () => {},
): Promise<Received> {
  const file = files.newName();
  const md5 = createHash("md5");
  const checksum = algorithm === undefined ? undefined : startChecksum(algorithm);
  let bytes = 0;
  async function* hashed(): AsyncGenerator<Buffer, void> {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > MAX_PART_BYTES) {
        throw entityTooLarge(bytes);
      }
      md5.update(chunk);
      checksum?.update(chunk);
      yield chunk;
    }
  }
  const writer = createWriteStream(files.path(file), { highWaterMark: WRITE_BYTES });
  const closed = new Promise<void>((resolve) => writer.once("close", resolve));
  try {
    await pipeline(hashed(), writer);
    const received = {
      file,
      bytes,
      md5: md5.digest("hex"),
      modified: new Date().toISOString(),
      ...(algorithm && checksum && { checksum: { algorithm, value: checksum.digest().toString("base64") } }),
    };
    check(received);
    return received;
  } catch (error) {
    // A file that is still being opened would appear after its removal.
    await closed;
    files.discard([file]);
    throw error;
  }
}

export function entityTooLarge(bytes: number): AwsFault {
  return new AwsFault("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size", {
    ProposedSize: String(bytes),
    MaxSizeAllowed: String(MAX_PART_BYTES),
  });
}
