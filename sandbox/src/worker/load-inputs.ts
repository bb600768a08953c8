import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extensionOf, VIDEO_EXTENSIONS } from "../media/extensions.ts";
import type { LightlyApi } from "./lightly-api.ts";
import { fetchSigned } from "./signed-url.ts";

/** A raw file of the INPUT datasource, on this machine's disk. */
export interface InputFile {
  /** Path in the datasource. */
  readonly name: string;
  readonly path: string;
  readonly kind: "video" | "photo";
}

export interface ListedFile {
  readonly fileName: string;
  readonly readUrl: string;
}

const PHOTO_EXTENSIONS: readonly string[] = ["jpg", "jpeg", "png", "webp", "tif", "tiff", "gif"];

/** Video or photo, by a file's name; `undefined` for unsupported files. */
export function kindOf(name: string): InputFile["kind"] | undefined {
  const extension = extensionOf(name);
  return VIDEO_EXTENSIONS.includes(extension) ? "video" : PHOTO_EXTENSIONS.includes(extension) ? "photo" : undefined;
}

/** Lists the raw files that were last changed between two times (seconds, both included). */
export async function listInputs(api: LightlyApi, datasetId: string, from: number, to: number): Promise<ListedFile[]> {
  const path = `/v1/datasets/${datasetId}/datasource/list`;
  const { cursors } = await api<{ cursors: string[] }>("GET", `${path}/dnc`, { query: { from, to, dncShards: 1 } });
  const files: ListedFile[] = [];
  for (let cursor = cursors[0] ?? "", hasMore = true; hasMore; ) {
    const page = await api<{ hasMore: boolean; cursor: string; data: ListedFile[] }>("GET", path, {
      query: { from, to, cursor },
    });
    files.push(...page.data);
    ({ cursor, hasMore } = page);
  }
  return files;
}

/**
 * Downloads a file by its signed URL as a stream and checks its length.
 *
 * @throws Error naming the file, never the URL
 */
export async function fetchFile(file: ListedFile, path: string, signal: AbortSignal): Promise<void> {
  const response = await fetchSigned(file.readUrl, `${file.fileName} can't be read from the datasource`, { signal });
  await pipeline(response.body ?? [], createWriteStream(path), { signal });
  const expected = response.headers.get("content-length");
  const { size } = await stat(path);
  if (expected !== null && Number(expected) !== size) {
    throw new Error(`${file.fileName} ended after ${size} of ${expected} bytes.`);
  }
}

/** The path of a downloaded file; mediabunny detects containers by content, so that any name works. */
export function localPath(folder: string, index: number, name: string): string {
  return join(folder, `${index}.${extensionOf(name)}`);
}
