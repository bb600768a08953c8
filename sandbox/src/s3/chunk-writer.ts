import { type FileHandle, open } from "node:fs/promises";

const BATCH_BYTES = 1024 * 1024;

/** Writes a new file from chunks of bytes, a megabyte at a time, while the next chunks arrive. */
export class ChunkWriter {
  readonly #file: FileHandle;
  readonly #mayFree: boolean;
  #batch: Buffer[] = [];
  #batchBytes = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, mayFree: boolean) {
    this.#file = file;
    this.#mayFree = mayFree;
  }

  /**
   * @param mayFree - whether the chunks are used only here, so that their memory is freed as soon as they are written. Left to the garbage
   * collector, the chunks of an upload take a fifth of the processor time of the whole sandbox.
   */
  static async create(path: string, mayFree: boolean): Promise<ChunkWriter> {
    return new ChunkWriter(await open(path, "wx"), mayFree);
  }

  /** Rejects with the failure of an earlier write. */
  async write(chunk: Buffer): Promise<void> {
    this.#batch.push(chunk);
    this.#batchBytes += chunk.length;
    if (this.#batchBytes >= BATCH_BYTES) {
      await this.#writeBatch();
    }
  }

  /** Writes the rest. */
  async end(): Promise<void> {
    await this.#writeBatch();
    await this.#writing;
  }

  /** Closes the file, whether or not everything was written. */
  async close(): Promise<void> {
    await this.#writing.catch(() => {});
    await this.#file.close();
  }

  async #writeBatch(): Promise<void> {
    await this.#writing;
    const chunks = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    this.#writing = this.#write(chunks);
    // The failure is the result of the next call.
    this.#writing.catch(() => {});
  }

  async #write(chunks: readonly Buffer[]): Promise<void> {
    await this.#file.writev(chunks);
    if (this.#mayFree) {
      chunks.forEach(freeMemory);
    }
  }
}

/** Frees the memory of a chunk, unless it is a part of a larger one. */
function freeMemory({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) {
    buffer.transfer(0);
  }
}
