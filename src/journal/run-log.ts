import { randomBytes } from "node:crypto";
import type { JournalDisk } from "./journal-disk.ts";
import type { JournalSource } from "./journal-run.ts";
import { RunLines } from "./run-lines.ts";

/** A file of a running run is not replaced before its changes have this size. */
const MIN_CHANGES_BYTES = 64 * 1024;

/**
 * Writes the file of one run: first as a whole, then each change at its end, so that a change costs the same in a run of thousands of
 * steps. When the changes are larger than the run, the file is replaced by a whole run again; and also after a failure, which may
 * have left a part of a line.
 */
export class RunLog {
  readonly #disk: JournalDisk;
  /** Undefined until the file is known to be complete. */
  #lines: RunLines | undefined;
  #wholeBytes = 0;
  #changesBytes = 0;

  constructor(disk: JournalDisk) {
    this.#disk = disk;
  }

  /** Resolves when the current state is on the disk. */
  async write(path: string, source: JournalSource): Promise<void> {
    const lines = this.#isDue(source) ? undefined : this.#lines;
    // Until this write has succeeded.
    this.#lines = undefined;
    if (!lines || !(await this.#append(path, lines.change(source.changesForJournal())))) {
      this.#lines = await this.#replace(path, source);
    } else {
      this.#lines = lines;
    }
  }

  /** Files of finished runs are small, because all of them are read when Node-RED starts. */
  #isDue({ isActive }: JournalSource): boolean {
    const limit = isActive ? Math.max(this.#wholeBytes, MIN_CHANGES_BYTES) : this.#wholeBytes / 4;
    return this.#changesBytes > limit;
  }

  /** @returns false if that has failed: a whole file may still be possible, for example if the file was removed */
  async #append(path: string, text: string): Promise<boolean> {
    try {
      await this.#disk.append(path, text);
    } catch {
      return false;
    }
    this.#changesBytes += text.length;
    return true;
  }

  async #replace(path: string, source: JournalSource): Promise<RunLines> {
    const lines = new RunLines(randomBytes(6).toString("hex"));
    const text = lines.whole(source.toJournal());
    await this.#disk.replace(path, text);
    this.#wholeBytes = text.length;
    this.#changesBytes = 0;
    return lines;
  }
}
