import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { PipelineError } from "../../errors/pipeline-error.ts";

/**
 * A file in the making, under a name that nobody else uses. Its methods throw PipelineError `DISK_WRITE_FAILED`.
 */
export class PartFile {
  readonly #filename: string;
  readonly #partName: string;
  #handle: FileHandle | undefined;
  #bytes = 0;

  constructor(filename: string) {
    this.#filename = filename;
    this.#partName = `${filename}.${randomBytes(4).toString("hex")}.part`;
  }

  async create(folder: string): Promise<void> {
    await this.#onDisk(mkdir(folder, { recursive: true }));
    this.#handle = await this.#onDisk(open(this.#partName, "wx"));
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

  async restart(): Promise<void> {
    await this.#onDisk(this.#open().truncate(0));
    this.#bytes = 0;
  }

  /** Gives the file its name, after its bytes are safe: a power cut must not leave a name without them. */
  async finish(): Promise<number> {
    await this.#onDisk(this.#open().sync());
    await this.#onDisk(this.#close()); // some file systems tell only now that they are full
    await this.#onDisk(rename(this.#partName, this.#filename));
    return this.#bytes;
  }

  /** Removes what is unfinished; nothing when the file is. */
  async discard(): Promise<void> {
    await this.#close().catch(() => {});
    await rm(this.#partName, { force: true }).catch(() => {});
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
      throw diskError(this.#filename, cause);
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
