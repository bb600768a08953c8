import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import type { DataFiles } from "./data-files.ts";
import { readJson, writeJson } from "./json-file.ts";
import type { StoredPart, UploadRecord } from "./object-records.ts";

/** A multipart upload with the parts that have arrived. */
export interface Upload {
  readonly record: UploadRecord;
  readonly parts: ReadonlyMap<number, StoredPart>;
}

/** The unfinished multipart uploads of a bucket: a folder each, with one JSON file per part. */
export class Uploads {
  readonly #dir: string;
  readonly #files: DataFiles;
  readonly #uploads = new Map<string, { record: UploadRecord; parts: Map<number, StoredPart> }>();

  constructor(dir: string, files: DataFiles) {
    this.#dir = dir;
    this.#files = files;
  }

  load(present: ReadonlySet<string>): void {
    for (const id of existsSync(this.#dir) ? readdirSync(this.#dir) : []) {
      const record = readJson<UploadRecord>(path.join(this.#dir, id, "upload.json"));
      if (record !== undefined) {
        const parts = new Map<number, StoredPart>();
        for (const name of readdirSync(path.join(this.#dir, id))) {
          const part = /^\d+\.json$/.test(name) ? readJson<StoredPart>(path.join(this.#dir, id, name)) : undefined;
          if (part !== undefined && present.has(part.file)) {
            parts.set(part.number, part);
          }
        }
        this.#uploads.set(record.uploadId, { record, parts });
      }
    }
  }

  get(uploadId: string): Upload | undefined {
    return this.#uploads.get(uploadId);
  }

  list(): Upload[] {
    return [...this.#uploads.values()];
  }

  begin(record: UploadRecord): void {
    writeJson(path.join(this.#dir, record.uploadId, "upload.json"), record);
    this.#uploads.set(record.uploadId, { record, parts: new Map() });
  }

  /** Adds a part, or replaces the one of the same number. `false` when the upload has ended in the meantime. */
  put(uploadId: string, part: StoredPart): boolean {
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined) {
      return false;
    }
    const old = upload.parts.get(part.number);
    writeJson(path.join(this.#dir, uploadId, `${part.number}.json`), part);
    upload.parts.set(part.number, part);
    this.#files.discard(old === undefined ? [] : [old.file]);
    return true;
  }

  /** Removes an upload and its parts' bytes, except the files that an object uses now. */
  end(uploadId: string, taken: ReadonlySet<string> = new Set()): void {
    const upload = this.#uploads.get(uploadId);
    this.#uploads.delete(uploadId);
    rmSync(path.join(this.#dir, uploadId), { recursive: true, force: true });
    const files = [...(upload?.parts.values() ?? [])].map(({ file }) => file);
    this.#files.discard(files.filter((file) => !taken.has(file)));
  }
}
