import { createHash } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import type { DataFiles } from "./data-files.ts";
import { readJson, writeJson } from "./json-file.ts";
import type { ObjectRecord } from "./object-records.ts";
import { SortedKeys } from "./sorted-keys.ts";
import { Uploads } from "./uploads.ts";

/** The contents of a bucket's JSON file. */
export interface BucketRecord {
  readonly name: string;
  /** ISO 8601 */
  readonly created: string;
  /** If it is not the region of the sandbox. */
  readonly region?: string;
}

/**
 * The index of one bucket: one JSON file per object, named by the hash of its key so that any key is allowed, and
 * all of them in memory. Changes are synchronous: a condition that a caller has just checked still
 * applies when it writes.
 */
export class Bucket {
  readonly record: BucketRecord;
  readonly uploads: Uploads;
  readonly #dir: string;
  readonly #files: DataFiles;
  readonly #objects = new Map<string, ObjectRecord>();
  #keys: SortedKeys;

  private constructor(dir: string, record: BucketRecord, files: DataFiles) {
    this.#dir = dir;
    this.record = record;
    this.#files = files;
    this.uploads = new Uploads(path.join(dir, "uploads"), files);
    this.#keys = new SortedKeys();
  }

  static create(dir: string, record: BucketRecord, files: DataFiles): Bucket {
    writeJson(path.join(dir, "bucket.json"), record);
    return new Bucket(dir, record, files);
  }

  /** Loads a bucket from disk; objects without their bytes are skipped and logged. */
  static load(dir: string, files: DataFiles, present: ReadonlySet<string>, log: (line: string) => void) {
    const record = readJson<BucketRecord>(path.join(dir, "bucket.json"));
    if (record === undefined) {
      log(`s3: ${dir} is skipped, its bucket.json can't be read`);
      return undefined;
    }
    const bucket = new Bucket(dir, record, files);
    for (const file of bucket.#objectFiles()) {
      const object = readJson<ObjectRecord>(file);
      if (object?.parts.every((part) => present.has(part.file))) {
        bucket.#objects.set(object.key, object);
      } else {
        log(`s3: an object of ${record.name} is left out, ${object ? "its bytes are missing" : "its index is broken"}`);
      }
    }
    bucket.#keys = new SortedKeys(bucket.#objects.keys());
    bucket.uploads.load(present);
    // Removes uploads that had become an object when a previous process was killed.
    for (const { uploadId, parts } of bucket.#objects.values()) {
      if (uploadId !== undefined && bucket.uploads.get(uploadId)) {
        bucket.uploads.end(uploadId, new Set(parts.map(({ file }) => file)));
      }
    }
    return bucket;
  }

  /** In S3's order. */
  get keys(): SortedKeys {
    return this.#keys;
  }

  get(key: string): ObjectRecord | undefined {
    return this.#objects.get(key);
  }

  /** Stores an object whose bytes are on disk, and removes the bytes of the one it replaces. */
  put(object: ObjectRecord): void {
    const old = this.#objects.get(object.key);
    writeJson(this.#objectFile(object.key), object);
    this.#objects.set(object.key, object);
    this.#keys.add(object.key);
    const current = new Set(object.parts.map(({ file }) => file));
    this.#files.discard((old?.parts ?? []).map(({ file }) => file).filter((file) => !current.has(file)));
  }

  delete(key: string): void {
    const old = this.#objects.get(key);
    if (old !== undefined) {
      rmSync(this.#objectFile(key), { force: true });
      this.#objects.delete(key);
      this.#keys.delete(key);
      this.#files.discard(old.parts.map(({ file }) => file));
    }
  }

  /** Removes the bucket with its unfinished uploads. */
  remove(): void {
    for (const upload of this.uploads.list()) {
      this.uploads.end(upload.record.uploadId);
    }
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** Names of all data files that the bucket uses. */
  *dataFiles(): Generator<string> {
    for (const { parts } of this.#objects.values()) {
      yield* parts.map(({ file }) => file);
    }
    for (const { parts } of this.uploads.list()) {
      yield* [...parts.values()].map(({ file }) => file);
    }
  }

  #objectFile(key: string): string {
    const hash = createHash("sha256").update(key).digest("hex");
    return path.join(this.#dir, "objects", hash.slice(0, 2), `${hash}.json`);
  }

  #objectFiles(): string[] {
    const dir = path.join(this.#dir, "objects");
    const files = existsSync(dir) ? readdirSync(dir, { recursive: true, encoding: "utf8" }) : [];
    return files.filter((name) => name.endsWith(".json")).map((name) => path.join(dir, name));
  }
}
