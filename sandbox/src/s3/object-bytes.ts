import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { ByteRange } from "./ranges.ts";
import type { DataFiles } from "./storage/data-files.ts";
import type { ObjectRecord } from "./storage/object-records.ts";

const READ_BYTES = 1024 * 1024;

/** The bytes of an object, or of a range of it, at this moment: replacing the object does not change the stream. */
export function objectBytes(
  files: DataFiles,
  object: ObjectRecord,
  range: ByteRange = { start: 0, end: object.bytes },
): Readable {
  const release = files.retain(object.parts.map(({ file }) => file));
  return Readable.from(readParts(files, object, range), { objectMode: false }).once("close", release);
}

async function* readParts(files: DataFiles, object: ObjectRecord, range: ByteRange): AsyncGenerator<Buffer, void> {
  let offset = 0;
  for (const part of object.parts) {
    const start = Math.max(range.start - offset, 0);
    const end = Math.min(range.end - offset, part.bytes);
    offset += part.bytes;
    if (start < end) {
      const options = { start, end: end - 1, highWaterMark: READ_BYTES };
      yield* createReadStream(files.path(part.file), options) as AsyncIterable<Buffer>;
    }
  }
}
