/** An open source that is not empty. */
export interface OpenSource {
  /** File name with its extension. */
  readonly name: string;
  /** Length in bytes, if it is known beforehand. */
  readonly totalBytes: number | undefined;
  /** The content type that the source's server reports. */
  readonly contentType?: string | undefined;
  /**
   * Exactly the announced bytes, or an error: a source that is cut off must not become a shorter object. The reader may free the
   * memory of a chunk.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): Promise<void> | void;
}
