import { freeMemory } from "../../http/free-memory.ts";

/** Reads the bytes of a source, in order, into buffers of the consumer. */
export interface ByteReader {
  /** Copies the next bytes to the start of `target`, as many as are there. Returns their number, 0 only at the end. */
  read(target: Uint8Array): Promise<number>;
  /** Whether all bytes were read. Waits for the next bytes if that is not known. */
  isAtEnd(): Promise<boolean>;
}

/**
 * Reads chunks. Their memory is freed as soon as they are copied: V8 would collect it only after 64 MiB, and then traverse all objects of the
 * process, including Node-RED's.
 *
 * @param chunks - not used elsewhere: they lose their content
 */
export function readChunks(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let chunk: Uint8Array | undefined;
  let position = 0;
  let isDone = false;
  const nextChunk = async (): Promise<Uint8Array | undefined> => {
    while (chunk === undefined && !isDone) {
      const { value, done } = await iterator.next();
      isDone = done === true;
      chunk = isDone || value.byteLength === 0 ? undefined : value;
      position = 0;
    }
    return chunk;
  };
  return {
    isAtEnd: async () => (await nextChunk()) === undefined,
    read: async (target) => {
      const found = await nextChunk();
      if (found === undefined) {
        return 0;
      }
      const copied = found.subarray(position, position + target.byteLength);
      target.set(copied);
      const { byteLength } = copied;
      position += byteLength;
      if (position === found.byteLength) {
        freeMemory(found);
        chunk = undefined;
      }
      return byteLength;
    },
  };
}

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
