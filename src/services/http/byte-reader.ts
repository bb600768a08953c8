/** Reads the bytes of a source, in order, into buffers of the consumer. */
export interface ByteReader {
  /** Copies the next bytes to the start of `target`. Returns their number, which is 0 only at the end. */
  read(target: Uint8Array): Promise<number>;
  /** Whether all bytes were read. Waits for the next bytes if that is not known. */
  isAtEnd(): Promise<boolean>;
}
