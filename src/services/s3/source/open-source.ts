import type { ByteReader } from "../../http/byte-reader.ts";

/** An open source that is not empty. */
export interface OpenSource {
  /** File name with its extension. */
  readonly name: string;
  /** Length in bytes, if it is known beforehand. */
  readonly totalBytes: number | undefined;
  /** The content type that the source's server reports. */
  readonly contentType?: string | undefined;
  /** Exactly the announced bytes, or an error: a source that is cut off must not become a shorter object. */
  readonly bytes: ByteReader;
  close(): Promise<void> | void;
}
