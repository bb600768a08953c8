import { randomBytes } from "node:crypto";
import { type FileHandle, lstat, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { checkInnerFolder, makeInnerFolder } from "./inner-folder.ts";
import { openOwnFile, publishFile } from "./own-file.ts";
import { type PartVersion, PartVersionFile } from "./part-version.ts";

/** The offset from which a download can be resumed, and the version of the remote file that the bytes before it come from. */
export interface PartEnd extends PartVersion {
  readonly offset: number;
}

/**
 * An unfinished file under a unique name. With a token, a later process finds it under the same name and can resume it. It stays inside
 * its root, follows no link, and replaces no file of others. Its methods throw PipelineError `DISK_WRITE_FAILED` and
 * `DESTINATION_REFUSED`.
 */
export class PartFile {
  readonly #filename: string;
  readonly #partName: string;
  readonly #version: PartVersionFile | undefined;
  #handle: FileHandle | undefined;
  #root: string | undefined;
  #bytes = 0;
  /** Pending while the version is recorded. */
  #recorded: Promise<void> | undefined;

  constructor(filename: string, token?: string) {
    this.#filename = filename;
    this.#partName = `${filename}.${token ?? randomBytes(4).toString("hex")}.part`;
    this.#version = token === undefined ? undefined : new PartVersionFile(`${filename}.${token}.version.part`);
  }

  /** Where a previous process stopped; `undefined` if there is no unfinished file, or it can't be resumed. */
  async end(url: URL): Promise<PartEnd | undefined> {
    const [version, part] = await Promise.all([this.#version?.read(url), lstat(this.#partName).catch(() => undefined)]);
    const bytes = part?.size ?? 0;
    if (version === undefined || !part?.isFile() || bytes > version.totalBytes) {
      return undefined;
    }
    // At least one byte is requested, because a server refuses an empty range.
    const offset = Math.min(bytes, version.totalBytes - 1);
    return offset > 0 ? { ...version, offset } : undefined;
  }

  /**
   * Opens the file for writing at byte `offset`.
   *
   * @param root - the chosen folder, inside which the folder of the file is created
   * @param version - the version of the remote file, if it is known
   */
  async open(root: string, offset: number, version: PartVersion | undefined): Promise<void> {
    this.#root = root;
    await this.#onDisk(makeInnerFolder(root, dirname(this.#filename)));
    this.#handle = await this.#onDisk(openOwnFile(this.#partName, offset));
    this.#bytes = offset;
    if (offset === 0) {
      // After the old bytes are removed, and before new ones are written.
      const record = await this.#onDisk(version ? this.#version?.clear(version) : this.#version?.remove());
      // Beside the first bytes: without a record they are not resumed.
      this.#recorded = record?.();
      this.#recorded?.catch(() => {});
    }
  }

  /** @returns the current length */
  async write(chunk: Buffer): Promise<number> {
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await this.#onDisk(this.#open().write(chunk, done, chunk.length - done, this.#bytes));
      done += bytesWritten;
      this.#bytes += bytesWritten;
    }
    await this.#onDisk(this.#recorded);
    return this.#bytes;
  }

  /** Starts again with another version of the remote file. */
  async restart(): Promise<void> {
    await this.#onDisk(this.#recorded);
    await this.#onDisk(this.#version?.remove());
    await this.#onDisk(this.#open().truncate(0));
    this.#bytes = 0;
  }

  /** Gives the file its final name after its bytes are on disk, so that a power failure does not leave an incomplete file. */
  async finish(): Promise<number> {
    await this.#onDisk(this.#open().sync());
    await this.#onDisk(this.#close()); // some file systems report only now that they are full
    if (this.#root !== undefined) {
      // A folder may have become a link in the meantime.
      await this.#onDisk(checkInnerFolder(this.#root, dirname(this.#filename)));
    }
    await this.#onDisk(publishFile(this.#partName, this.#filename));
    return this.#bytes;
  }

  /** Keeps the unfinished file for a later process with the same token. */
  async pause(): Promise<void> {
    await this.#close().catch(() => {});
  }

  /** Removes the unfinished file; does nothing after `finish`. */
  async discard(): Promise<void> {
    await this.#close().catch(() => {});
    await Promise.allSettled([rm(this.#partName, { force: true }), this.#version?.remove()]);
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await this.#recorded?.catch(() => {});
    await handle?.close();
  }

  #open(): FileHandle {
    if (this.#handle === undefined) {
      throw new PipelineError("INTERNAL", `${this.#partName} was written to before it was opened.`);
    }
    return this.#handle;
  }

  async #onDisk<T>(work: T): Promise<Awaited<T>> {
    try {
      return await work;
    } catch (cause) {
      throw cause instanceof PipelineError ? cause : diskError(this.#filename, cause);
    }
  }
}

/** The error for a file that could not be written: `DISK_WRITE_FAILED`. */
export function diskError(filename: string, cause: unknown): PipelineError {
  const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  const hint = reason === "ENOSPC" || reason === "EDQUOT" ? "Free some space" : "Check the folder and its permissions";
  return new PipelineError("DISK_WRITE_FAILED", `${filename} could not be written (${reason}). ${hint}.`, {
    details: { filename, reason },
    cause,
  });
}
