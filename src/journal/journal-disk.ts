import { randomBytes } from "node:crypto";
import { close, constants, fdatasync, open, write } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";

/** Writes the files of a journal. Both methods resolve when the text is on the disk, even after a power failure. */
export interface JournalDisk {
  /** Replaces the content of a file as a whole: a reader finds the old text or the new one. */
  replace(path: string, text: string): Promise<void>;
  /** Appends to a file. After a failure, or in a killed process, the file may have a part of the text. Rejects if there is no file. */
  append(path: string, text: string): Promise<void>;
}

/** The disk itself. */
export const syncedDisk: JournalDisk = { replace, append };

/** How long a write is retried. An antivirus program blocks a file for a moment; a missing permission is permanent. */
const RETRY_MS = 1000;

/** Only the user of this process may read the file, because messages may be private. */
async function replace(path: string, text: string): Promise<void> {
  // Loaded on first use: an ES module that is not needed when Node-RED starts.
  const { writeFile } = await import("atomically");
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.tmp-${randomBytes(8).toString("hex")}`;
  try {
    // A stream, because a string would be written by one call without a check of the number of written bytes, so that a full disk would
    // truncate it.
    await writeFile(path, Readable.from([Buffer.from(text)]), {
      mode: 0o600,
      timeout: RETRY_MS,
      tmpCreate: () => temporary,
      // On a signal the library would delete the temporary file, and the write would fail as on a full disk.
      tmpPurge: false,
    });
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

const openFile = promisify(open);
const syncFile = promisify(fdatasync);
const closeFile = promisify(close);

async function append(path: string, text: string): Promise<void> {
  // Without O_CREAT: a new file would have no first line.
  const file = await openFile(path, constants.O_WRONLY | constants.O_APPEND);
  try {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) {
      // A full disk may take a part of the bytes.
      done += await writeSome(file, bytes.subarray(done));
    }
    await syncFile(file);
  } finally {
    await closeFile(file);
  }
}

function writeSome(file: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    write(file, bytes, (error, written) => (error ? reject(error) : resolve(written)));
  });
}
