import { Readable } from "node:stream";
import { noSuchKey } from "../conditions.ts";
import { checkKey } from "../names.ts";
import { objectBytes } from "../object-bytes.ts";
import { pageKeys } from "../page-keys.ts";
import { receive } from "../receive.ts";
import type { ObjectRecord } from "./object-records.ts";
import type { Store } from "./store.ts";

/** The summary of an object for other parts of the sandbox. */
export interface ObjectSummary {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  /** ISO 8601 */
  readonly lastModified: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A multipart upload that was neither completed nor aborted. */
export interface UploadSummary {
  readonly key: string;
  readonly uploadId: string;
  /** Parts that have arrived. */
  readonly parts: number;
}

export interface ObjectStorage {
  /** Does nothing when the bucket exists. */
  createBucket(name: string, region?: string): Promise<void>;
  /** All keys with the prefix `prefix`, in S3's order. */
  list(bucket: string, prefix: string): Promise<ObjectSummary[]>;
  read(bucket: string, key: string): Promise<Readable>;
  write(
    bucket: string,
    key: string,
    data: Buffer | Readable,
    metadata?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** The unfinished multipart uploads. */
  uploads(bucket: string): Promise<UploadSummary[]>;
  /** `undefined` when there is no such object. */
  head(bucket: string, key: string): Promise<ObjectSummary | undefined>;
}

export function createObjectStorage(store: Store): ObjectStorage {
  return {
    async createBucket(name, region) {
      if (!store.has(name)) {
        store.createBucket(name, region);
      }
    },
    async list(bucketName, prefix) {
      const bucket = store.bucket(bucketName);
      const query = { prefix, delimiter: "", after: "", afterPrefix: false, limit: Infinity };
      const objects = pageKeys(bucket.keys, query).items.map(({ name }) => bucket.get(name));
      return objects.filter((object) => object !== undefined).map(summarise);
    },
    async read(bucketName, key) {
      const object = store.bucket(bucketName).get(key);
      if (object === undefined) {
        throw noSuchKey(key);
      }
      return objectBytes(store.files, object);
    },
    async write(bucketName, key, data, metadata = {}) {
      store.bucket(bucketName);
      checkKey(key);
      const received = await receive({
        files: store.files,
        source: data instanceof Readable ? data : Readable.from([data]),
      });
      const { md5: etag, bytes, modified } = received;
      const parts = [{ ...received, number: 1 }];
      const properties = {
        headers: { "content-type": "binary/octet-stream" },
        tags: {},
        storageClass: "STANDARD",
        encryption: { algorithm: "AES256" },
      };
      try {
        store.bucket(bucketName).put({ ...properties, key, bytes, etag, modified, parts, metadata });
      } catch (error) {
        store.files.discard([received.file]);
        throw error;
      }
    },
    async uploads(bucketName) {
      const uploads = store.bucket(bucketName).uploads.list();
      return uploads.map(({ record: { key, uploadId }, parts }) => ({ key, uploadId, parts: parts.size }));
    },
    async head(bucketName, key) {
      const object = store.bucket(bucketName).get(key);
      return object && summarise(object);
    },
  };
}

function summarise({ key, bytes, etag, modified, headers, metadata }: ObjectRecord): ObjectSummary {
  const contentType = headers["content-type"] ?? "binary/octet-stream";
  return { key, bytes, etag, lastModified: modified, contentType, metadata };
}
