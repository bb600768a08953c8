/** A source that is open and was found to hold bytes. */
export interface OpenSource {
  /** File name with its extension. */
  readonly name: string;
  /** Length, when it is known beforehand. */
  readonly totalBytes: number | undefined;
  /** What the source's server says that it is. */
  readonly contentType?: string | undefined;
  /**
   * Exactly the bytes announced, or it throws: a source that is cut short must not end as a shorter object. Who reads a chunk may
   * take its memory away.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): Promise<void> | void;
}
