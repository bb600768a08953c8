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

/** The content type that a file name's ending stands for; `undefined` for endings that this pipeline does not meet. */
export function contentTypeOf(name: string): string | undefined {
  return ownEntry(BY_EXTENSION, extname(name).toLowerCase());
}

/** The first content type that says something, of those given in the order of their worth. */
export function bestContentType(...types: Array<string | undefined>): string {
  return types.find((type) => type !== undefined && type.trim() !== "" && !isVague(type)) ?? UNKNOWN;
}

function isVague(type: string): boolean {
  return /^\s*(application|binary)\/octet-stream\b/i.test(type);
}
