import { extname } from "node:path";
import { ownEntry } from "../../../errors/own-entry.ts";

const BY_EXTENSION: Readonly<Record<string, string>> = {
  ".avi": "video/x-msvideo",
  ".csv": "text/csv",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".m4v": "video/mp4",
  ".mkv": "video/x-matroska",
  ".mov": "video/quicktime",
  ".mp4": "video/mp4",
  ".png": "image/png",
  ".txt": "text/plain",
  ".webm": "video/webm",
};
const UNKNOWN = "application/octet-stream";

/** The content type of a file name's extension; `undefined` for extensions that are not used by this pipeline. */
export function contentTypeOf(name: string): string | undefined {
  return ownEntry(BY_EXTENSION, extname(name).toLowerCase());
}

/** The first specific content type, of several in order of preference. */
export function bestContentType(...types: Array<string | undefined>): string {
  return types.find((type) => type !== undefined && type.trim() !== "" && !isUnspecific(type)) ?? UNKNOWN;
}

function isUnspecific(type: string): boolean {
  return /^\s*(application|binary)\/octet-stream\b/i.test(type);
}
