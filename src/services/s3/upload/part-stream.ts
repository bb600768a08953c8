import { freeMemory } from "../../http/free-memory.ts";

/** One part of an object, ready to be sent. */
export interface FilledPart {
  /** Counts from 1. */
  readonly number: number;
  readonly bytes: Buffer;
  readonly isLast: boolean;
  /** Allows the memory of `bytes` to be reused for another part. */
  release(): void;
}

/**
 * Divides a source into parts, the last of which contains the rest (at least one byte, unless the source has none).
 *
 * At hundreds of megabytes per second garbage collection dominates: V8 collects buffers only after 64 MiB, and then traverses all
 * objects of the process, including Node-RED's. So parts reuse a few buffers, and the memory of the source's chunks is freed as soon
 * as they are copied.
 *
 * @param chunks - not used elsewhere: they lose their content
 * @param totalBytes - length of the source if it is known: an object smaller than a part needs a smaller buffer
 */
export async function* partsOf(
  chunks: AsyncIterable<Uint8Array>,
  partSizeBytes: number,
  totalBytes = partSizeBytes,
): AsyncGenerator<FilledPart, void, undefined> {
  const capacity = Math.min(partSizeBytes, totalBytes);
  const free: Buffer[] = [];
  const take = (): Buffer => free.pop() ?? Buffer.allocUnsafeSlow(capacity);
  let buffer = take();
  let filled = 0;
  let number = 1;
  const part = (isLast: boolean): FilledPart => {
    const full = buffer;
    return { number, bytes: full.subarray(0, filled), isLast, release: () => void free.push(full) };
  };
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength; ) {
      // A full part is yielded only when more bytes follow, because the last part has to be marked as such.
      if (filled === capacity) {
        yield part(false);
        buffer = take();
        filled = 0;
        number += 1;
      }
      const taken = chunk.subarray(at, at + capacity - filled);
      buffer.set(taken, filled);
      filled += taken.byteLength;
      at += taken.byteLength;
    }
    freeMemory(chunk);
  }
  yield part(true);
}
