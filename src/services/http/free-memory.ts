/**
 * Gives a chunk's memory back without waiting for the garbage collector, if nothing else shares it. The chunk is empty afterwards.
 */
export function freeMemory({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) {
    buffer.transfer(0);
  }
}
