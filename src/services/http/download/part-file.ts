import { randomBytes } from "node:crypto";
import { type FileHandle, lstat, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { checkInnerFolder, makeInnerFolder } from "./inner-folder.ts";
import { openOwnFile, publishFile } from "./own-file.ts";
import { type PartVersion, PartVersionFile } from "./part-version.ts";

/** Where to go on in the file on the web, and which version of it the bytes before come from. */
export interface PartEnd extends PartVersion {
  readonly offset: number;
}

/**
 * A file in the making, under a name that nobody else uses. With a token, a later process finds it under the same name and can go
 * on with it. It stays below its root, over no link, and replaces nothing that it has not written. Its methods throw PipelineError
 * `DISK_WRITE_FAILED` and `DESTINATION_REFUSED`.
 */
export class PartFile {
  readonly #filename: string;
  readonly #partName: string;
  readonly #note: PartVersionFile | undefined;
  #handle: FileHandle | undefined;
  #root: string | undefined;
  #bytes = 0;

  constructor(filename: string, token?: string) {
    this.#filename = filename;
    this.#partName = `${filename}.${token ?? randomBytes(4).toString("hex")}.part`;
    this.#note = token === undefined ? undefined : new PartVersionFile(`${filename}.${token}.version.part`);
  }

  /** Finds what an earlier process has left behind; `undefined` when that is nothing, or can't be trusted. */
  async end(url: URL): Promise<PartEnd | undefined> {
    const version = await this.#note?.read(url);
    const part = await lstat(this.#partName).catch(() => undefined);
    const bytes = part?.size ?? 0;
    if (version === undefined || !part?.isFile() || bytes > version.totalBytes) {
      return undefined;
    }
    // One byte is always left to ask for: a server refuses a range without any.
    const offset = Math.min(bytes, version.totalBytes - 1);
    return offset > 0 ? { ...version, offset } : undefined;
  }

  /**
   * Opens the file for what comes from byte `offset` on.
   *
   * @param root - the chosen folder, below which the file's own is made
   * @param version - what is written from now on, if that can be told
   */
  async open(root: string, offset: number, version: PartVersion | undefined): Promise<void> {
    this.#root = root;
    await this.#onDisk(makeInnerFolder(root, dirname(this.#filename)));
    this.#handle = await this.#onDisk(openOwnFile(this.#partName));
    await this.#onDisk(this.#handle.truncate(offset));
    this.#bytes = offset;
    if (offset === 0) {
      // After the old bytes are gone, and before there are new ones.
      await this.#onDisk(Promise.resolve(version ? this.#note?.write(version) : this.#note?.remove()));
    }
  }

  /** @returns the length so far */
  async write(chunk: Buffer): Promise<number> {
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await this.#onDisk(this.#open().write(chunk, done, chunk.length - done, this.#bytes));
      done += bytesWritten;
      this.#bytes += bytesWritten;
    }
    return this.#bytes;
  }

  /** Begins again, with another version of the file. */
  async restart(): Promise<void> {
    await this.#onDisk(Promise.resolve(this.#note?.remove()));
    await this.#onDisk(this.#open().truncate(0));
    this.#bytes = 0;
  }

  /** Gives the file its name, after its bytes are safe: a power cut must not leave a name without them. */
  async finish(): Promise<number> {
    await this.#onDisk(this.#open().sync());
    await this.#onDisk(this.#close()); // some file systems tell only now that they are full
    if (this.#root !== undefined) {
      // A folder may have become a link in the meantime.
      await this.#onDisk(checkInnerFolder(this.#root, dirname(this.#filename)));
    }
    await this.#onDisk(publishFile(this.#partName, this.#filename));
    return this.#bytes;
  }

  /** Leaves what is unfinished as it is, for a later process of the same token. */
  async pause(): Promise<void> {
    await this.#close().catch(() => {});
  }

  /** Removes what is unfinished; nothing when the file is. */
  async discard(): Promise<void> {
    await this.#close().catch(() => {});
    await rm(this.#partName, { force: true }).catch(() => {});
    await this.#note?.remove().catch(() => {});
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  #open(): FileHandle {
    if (this.#handle === undefined) {
      throw new PipelineError("INTERNAL", `${this.#partName} is written to before it is open.`);
    }
    return this.#handle;
  }

  async #onDisk<T>(work: Promise<T>): Promise<T> {
    return work.catch((cause: unknown) => {
      throw cause instanceof PipelineError ? cause : diskError(this.#filename, cause);
    });
  }
}

/** The error for a file that the disk does not take: `DISK_WRITE_FAILED`. */
export function diskError(filename: string, cause: unknown): PipelineError {
  const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  const hint = reason === "ENOSPC" || reason === "EDQUOT" ? "Free some space" : "Check the folder and its permissions";
  return new PipelineError("DISK_WRITE_FAILED", `${filename} could not be written (${reason}). ${hint}.`, {
    details: { filename, reason },
    cause,
  });
}
