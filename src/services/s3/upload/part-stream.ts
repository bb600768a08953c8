import { freeMemory } from "../../http/free-memory.ts";

/** One part of an object, filled and ready to be sent. */
export interface FilledPart {
  /** Counts from 1. */
  readonly number: number;
  readonly bytes: Buffer;
  readonly isLast: boolean;
  /** Gives the memory back once nobody reads `bytes` any more: another part is filled into it. */
  release(): void;
}

/**
 * Cuts a source into parts, the last of which holds what is left (one byte at least, unless the source has none).
 *
 * At hundreds of megabytes per second garbage is what costs: V8 lets 64 MiB of buffers lie before it collects them, and then walks
 * through all objects of the process, Node-RED's included. So parts are filled into few buffers again and again, and the source's
 * chunks give their memory back as soon as they are copied.
 *
 * @param chunks - nobody else reads them: they lose their content
 * @param totalBytes - length of the source, when it is known: an object smaller than a part needs a smaller buffer
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
      // A full part is handed on only when there is more, since the last one has to be known as such.
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
