import { createHash } from "node:crypto";
import { AwsFault } from "../aws/aws-fault.ts";
import { type Algorithm, startChecksum } from "./checksums.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import type { DataFiles } from "./storage/data-files.ts";
import type { StoredPart } from "./storage/object-records.ts";

/** S3's maximum size of one request. */
export const MAX_PART_BYTES = 5 * 1024 ** 3;

/** Bytes on disk that do not belong to an object yet. */
export type Received = Omit<StoredPart, "number">;

export interface ReceiveOptions {
  readonly files: DataFiles;
  readonly source: AsyncIterable<Buffer>;
  /** Of the checksum. Default: none. */
  readonly algorithm?: Algorithm | undefined;
  /** Refuses what was received. */
  readonly check?: (received: Received) => void;
  /** Whether the chunks of the source are used only here; default false. */
  readonly mayFreeChunks?: boolean;
}

/**
 * Writes bytes to a new data file as they arrive and hashes them. On any failure the file is removed.
 *
 * @throws AwsFault `EntityTooLarge`, and the errors of the source and of `check`
 */
export async function receive({
  files,
  source,
  algorithm,
  check,
  mayFreeChunks = false,
}: ReceiveOptions): Promise<Received> {
  const file = files.newName();
  const md5 = createHash("md5");
  const checksum = algorithm === undefined ? undefined : startChecksum(algorithm);
  const writer = await ChunkWriter.create(files.path(file), mayFreeChunks);
  let bytes = 0;
  try {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > MAX_PART_BYTES) {
        throw entityTooLarge(bytes);
      }
      md5.update(chunk);
      checksum?.update(chunk);
      await writer.write(chunk);
    }
    await writer.end();
    const received = {
      file,
      bytes,
      md5: md5.digest("hex"),
      modified: new Date().toISOString(),
      ...(algorithm && checksum && { checksum: { algorithm, value: checksum.digest().toString("base64") } }),
    };
    check?.(received);
    return received;
  } catch (error) {
    files.discard([file]);
    throw error;
  } finally {
    await writer.close();
  }
}

export function entityTooLarge(bytes: number): AwsFault {
  return new AwsFault("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size", {
    ProposedSize: String(bytes),
    MaxSizeAllowed: String(MAX_PART_BYTES),
  });
}
