/**
 * Frees the memory of a chunk without waiting for the garbage collector, unless the memory is shared. The chunk is empty afterwards.
 */
export function freeMemory({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) {
    buffer.transfer(0);
  }
}
