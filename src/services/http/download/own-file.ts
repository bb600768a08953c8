import { constants } from "node:fs";
import { type FileHandle, link, lstat, open, rename, rm } from "node:fs/promises";
import { PipelineError } from "../../../errors/pipeline-error.ts";

/** Does not follow a link (where the system supports that), and does not wait for the other end of a pipe. */
const NO_LINK = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const COMPARED_BYTES = 1024 * 1024;

/**
 * Opens an unfinished file of this package for writing, and creates it if it does not exist.
 *
 * @param bytes - how many of its first bytes stay
 * @throws PipelineError `DESTINATION_REFUSED` if something else has its name: a link, a pipe, a file with a second hard link
 */
export async function openOwnFile(path: string, bytes: number): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT | NO_LINK, 0o666).catch((error: unknown) => {
    throw codeOf(error) === "ELOOP" || codeOf(error) === "ENXIO" ? destinationTaken(path) : error;
  });
  const stats = await handle.stat();
  // Truncating it would also truncate the file under its second name.
  if (!stats.isFile() || stats.nlink > 1) {
    await handle.close();
    throw destinationTaken(path);
  }
  if (stats.size !== bytes) {
    await handle.truncate(bytes);
  }
  return handle;
}

/** Reads a small file of this package; throws if it is a link. */
export async function readOwnFile(path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | NO_LINK);
  try {
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** The size of the file at a path, "nothing", or "other" for a link, folder or device. */
export async function entryAt(path: string): Promise<{ readonly bytes: number } | "nothing" | "other"> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") {
      return undefined;
    }
    throw error;
  });
  return stats === undefined ? "nothing" : stats.isFile() ? { bytes: stats.size } : "other";
}

/**
 * Gives a finished file its final name. An existing file of that name is never replaced; if it has the same bytes, the finished one is
 * removed.
 *
 * @throws PipelineError `DESTINATION_REFUSED`
 */
export async function publishFile(finished: string, path: string): Promise<void> {
  try {
    // A hard link fails if the name exists, whereas a rename would replace the file.
    await link(finished, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") {
      await requireSameContent(finished, path);
    } else if (await lacksHardLinks(error, path)) {
      await rename(finished, path);
      return;
    } else {
      throw error;
    }
  }
  await rm(finished, { force: true });
}

async function requireSameContent(finished: string, path: string): Promise<void> {
  const entry = await entryAt(path);
  if (entry === "nothing" || entry === "other" || !(await isSame(finished, path))) {
    throw destinationTaken(path);
  }
}

/** FAT and some network file systems have no hard links, and report that with different codes. */
async function lacksHardLinks(error: unknown, path: string): Promise<boolean> {
  const isUnable = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV", "EMLINK", "EISDIR", "EINVAL"].includes(
    codeOf(error) ?? "",
  );
  if (!isUnable) {
    return false;
  }
  if ((await entryAt(path)) !== "nothing") {
    throw destinationTaken(path);
  }
  return true;
}

async function isSame(one: string, other: string): Promise<boolean> {
  const handles = await Promise.all([one, other].map((path) => open(path, constants.O_RDONLY | NO_LINK)));
  try {
    const [a, b] = handles as [FileHandle, FileHandle];
    const [{ size }, { size: otherSize }] = await Promise.all([a.stat(), b.stat()]);
    for (let position = 0; size === otherSize; position += COMPARED_BYTES) {
      const [left, right] = await Promise.all([a, b].map((handle) => readAt(handle, position)));
      if (left === undefined || right === undefined || !left.equals(right)) {
        return false;
      }
      if (left.length === 0) {
        return true;
      }
    }
    return false;
  } finally {
    await Promise.all(handles.map((handle) => handle.close()));
  }
}

async function readAt(handle: FileHandle, position: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(COMPARED_BYTES);
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) {
      break;
    }
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** The error for a name that belongs to another file: `DESTINATION_REFUSED`. */
export function destinationTaken(path: string): PipelineError {
  return new PipelineError(
    "DESTINATION_REFUSED",
    `${path} exists already with other content, or is a link or a folder, and is not replaced. Move it, or choose another folder.`,
    { details: { filename: path } },
  );
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
