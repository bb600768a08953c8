import { existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { AwsFault } from "../../aws/aws-fault.ts";
import { checkBucketName } from "../names.ts";
import { Bucket } from "./bucket.ts";
import { DataFiles } from "./data-files.ts";

/** All buckets, on disk and in memory. One process at a time may have a folder open. */
export class Store {
  readonly files: DataFiles;
  readonly #dir: string;
  readonly #buckets = new Map<string, Bucket>();

  /** Opens a new or existing folder, and removes the bytes of interrupted uploads. */
  constructor(dir: string, log: (line: string) => void) {
    this.#dir = path.join(dir, "buckets");
    this.files = new DataFiles(path.join(dir, "data"));
    mkdirSync(this.#dir, { recursive: true });
    const present = new Set(this.files.names());
    let readable = true;
    for (const name of readdirSync(this.#dir)) {
      const bucket = Bucket.load(path.join(this.#dir, name), this.files, present, (line) => {
        readable = false;
        log(line);
      });
      if (bucket !== undefined) {
        this.#buckets.set(name, bucket);
      }
    }
    // The bytes of a broken index are kept, so that a user can repair it.
    if (readable) {
      const needed = new Set(this.buckets().flatMap((bucket) => [...bucket.dataFiles()]));
      this.files.discard([...present].filter((name) => !needed.has(name)));
    }
  }

  /** In the order of their names. */
  buckets(): Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  has(name: string): boolean {
    return this.#buckets.has(name);
  }

  /** @throws AwsFault `InvalidBucketName`, `NoSuchBucket` */
  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      checkBucketName(name);
      throw new AwsFault("NoSuchBucket", 404, "The specified bucket does not exist", { BucketName: name });
    }
    return bucket;
  }

  /** @throws AwsFault `InvalidBucketName`, `BucketAlreadyOwnedByYou` */
  createBucket(name: string, region?: string): void {
    checkBucketName(name);
    const dir = path.join(this.#dir, name);
    if (this.#buckets.has(name) || existsSync(path.join(dir, "bucket.json"))) {
      const message = "Your previous request to create the named bucket succeeded and you already own it.";
      throw new AwsFault("BucketAlreadyOwnedByYou", 409, message, { BucketName: name });
    }
    const record = { name, created: new Date().toISOString(), ...(region !== undefined && { region }) };
    this.#buckets.set(name, Bucket.create(dir, record, this.files));
  }

  /** @throws AwsFault `NoSuchBucket`, `BucketNotEmpty` */
  deleteBucket(name: string): void {
    const bucket = this.bucket(name);
    if (bucket.keys.size > 0) {
      throw new AwsFault("BucketNotEmpty", 409, "The bucket you tried to delete is not empty", { BucketName: name });
    }
    bucket.remove();
    this.#buckets.delete(name);
  }
}
