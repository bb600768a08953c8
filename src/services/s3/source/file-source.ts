import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { ErrorCode } from "../../../errors/error-codes.ts";
import { abortedError, PipelineError } from "../../../errors/pipeline-error.ts";
import type { ByteReader } from "../../http/byte-reader.ts";
import { refuseKernelFile, requireInside } from "./file-location.ts";
import type { OpenSource } from "./open-source.ts";

/** An abort ends the upload after one read of this size. */
const READ_BYTES = 1024 * 1024;

/**
 * Opens a file for one upload. Reading fails if the file grows, shrinks, is written to or replaced meanwhile: the object would be
 * neither the old file nor the new one.
 *
 * @param folders - the real path of the file, with all links resolved, must be inside all of them
 * @throws PipelineError `SOURCE_NOT_FOUND`, `SOURCE_UNREADABLE` (no permission, a directory, a device, a file of the kernel),
 * `SOURCE_OUTSIDE_FOLDER`, `SOURCE_EMPTY`; its bytes
 * `SOURCE_CHANGED`, `SOURCE_UNREADABLE`, `ABORTED`
 */
export async function openFile(
  path: string,
  signal: AbortSignal,
  folders: readonly string[] = [],
): Promise<OpenSource> {
  await requireInside(path, folders);
  const seen = await statFile(path); // before opening, because opening a device may have an effect
  // Without O_NONBLOCK, opening a pipe that has replaced the file would wait for its writer.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) => {
    throw fileError(path, error);
  });
  try {
    const opened = await handle.stat({ bigint: true });
    if (!isSame(seen, opened)) {
      throw changed(path);
    }
    // Again for the open file: a folder may have become a link since.
    await requireInside(path, folders, handle.fd);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    name: basename(path),
    totalBytes: Number(seen.size),
    bytes: readFile(path, handle, seen, signal),
    close: () => handle.close(),
  };
}

async function statFile(path: string): Promise<BigIntStats> {
  const stats = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw fileError(path, error);
  });
  if (!stats.isFile()) {
    const what = stats.isDirectory() ? "is a folder" : "is not a regular file";
    throw sourceError("SOURCE_UNREADABLE", path, `${what}. Name one file`);
  }
  await refuseKernelFile(path);
  if (stats.size === 0n) {
    throw sourceError("SOURCE_EMPTY", path, "is empty. Check the step that wrote it");
  }
  return stats;
}

/** Reads straight into the buffers of the consumer: a copy of each MiB would be 5 % of the processor time of an upload. */
function readFile(path: string, handle: FileHandle, seen: BigIntStats, signal: AbortSignal): ByteReader {
  const size = Number(seen.size);
  let position = 0;
  let isChecked = false;
  return {
    read: async (target) => {
      if (signal.aborted) {
        throw abortedError(signal.reason);
      }
      const length = Math.min(READ_BYTES, target.byteLength, size - position);
      if (length === 0) {
        return 0;
      }
      const { bytesRead } = await handle.read(target, 0, length, position).catch((error: unknown) => {
        throw fileError(path, error);
      });
      if (bytesRead === 0) {
        throw changed(path);
      }
      position += bytesRead;
      return bytesRead;
    },
    isAtEnd: async () => {
      if (position === size && !isChecked) {
        await requireUnchanged(path, handle, seen);
        isChecked = true;
      }
      return isChecked;
    },
  };
}

async function requireUnchanged(path: string, handle: FileHandle, seen: BigIntStats): Promise<void> {
  const [read, named] = await Promise.all([handle.stat({ bigint: true }), statNamed(path)]);
  if (!isSame(seen, read) || !isSame(seen, named)) {
    throw changed(path);
  }
}

async function statNamed(path: string): Promise<BigIntStats> {
  return stat(path, { bigint: true }).catch(() => {
    throw changed(path);
  });
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}

function changed(path: string): PipelineError {
  return sourceError(
    "SOURCE_CHANGED",
    path,
    "changed while it was read. Upload it after it has been written completely",
    {
      retryable: true,
    },
  );
}

function fileError(path: string, cause: unknown): PipelineError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
  if (code === "ENOENT" || code === "ENOTDIR") {
    return sourceError("SOURCE_NOT_FOUND", path, "does not exist. Check the path", { cause });
  }
  return sourceError("SOURCE_UNREADABLE", path, `can't be read (${code}). Check its permissions`, { cause });
}

function sourceError(
  code: ErrorCode,
  path: string,
  what: string,
  options: { cause?: unknown; retryable?: boolean } = {},
): PipelineError {
  return new PipelineError(code, `The file ${path} ${what}.`, { ...options, details: { path } });
}
