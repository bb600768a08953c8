import type { Algorithm, ChecksumType, ObjectChecksum } from "../checksums.ts";

/** The properties of an object, without its bytes. */
export interface ObjectProperties {
  /** Lower-case HTTP headers that are returned unchanged: `content-type`, `cache-control`, … */
  readonly headers: Readonly<Record<string, string>>;
  /** `x-amz-meta-*` without the prefix */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly storageClass: string;
  readonly encryption: { readonly algorithm: string; readonly keyId?: string };
}

/** The bytes of one data file: a part of a multipart object, or all of a simple one. */
export interface StoredPart {
  readonly number: number;
  /** The data file's name. */
  readonly file: string;
  readonly bytes: number;
  /** hex */
  readonly md5: string;
  /** base64 */
  readonly checksum?: { readonly algorithm: Algorithm; readonly value: string };
  /** ISO 8601 */
  readonly modified: string;
}

/** An object: the contents of its JSON file on disk. */
export interface ObjectRecord extends ObjectProperties {
  readonly key: string;
  readonly bytes: number;
  /** without quotation marks; with the suffix `-N` for a multipart object */
  readonly etag: string;
  /** ISO 8601 */
  readonly modified: string;
  readonly parts: readonly StoredPart[];
  readonly checksum?: ObjectChecksum;
  /** The multipart upload that created it. */
  readonly uploadId?: string;
}

/** An unfinished multipart upload. */
export interface UploadRecord extends ObjectProperties {
  readonly uploadId: string;
  readonly key: string;
  /** ISO 8601 */
  readonly initiated: string;
  readonly checksum?: { readonly algorithm: Algorithm; readonly type: ChecksumType };
}
