import { randomUUID } from "node:crypto";
import {
  closeSync,
  futimesSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type Identity, isSameProcess, readHolder, type ThisProcess, thisProcess } from "./lock-holder.ts";

/** The options of a lock. */
interface RunsLockOptions {
  /** The folder of the runs. */
  readonly folder: string;
  readonly now?: () => number;
  readonly self?: ThisProcess;
}

const FILE = "owner.lock";
/** The holder renews its lock this often. */
export const RENEW_INTERVAL_MS = 10_000;
/** A holder on another machine that has not renewed its lock for this long counts as ended. */
const EXPIRES_AFTER_MS = 60_000;
/** A file without a holder is being written, or was left by a full disk. */
const INCOMPLETE_MAX_AGE_MS = 5000;
const MAX_ATTEMPTS = 5;

/**
 * Lets one Node-RED at a time use the runs of a folder. A file in the folder names the holder. The lock of a holder that has ended is
 * taken over immediately if that is known (on the same machine, by the id and start time of the process), otherwise after a minute
 * without a renewal. If no file can be created or removed (on a full or read-only disk), every process gets the lock: only stops continue
 * there.
 */
export class RunsLock {
  readonly folder: string;
  readonly #path: string;
  readonly #now: () => number;
  readonly #self: ThisProcess;
  readonly #nonce = randomUUID();

  constructor({ folder, now = Date.now, self = thisProcess }: RunsLockOptions) {
    this.folder = folder;
    this.#path = join(folder, FILE);
    this.#now = now;
    this.#self = self;
  }

  /** Acquires the lock if it is free. Returns its holder if another process has it. */
  acquire(): Identity | undefined {
    for (let left = MAX_ATTEMPTS; left > 0; left -= 1) {
      if (this.#create()) {
        return undefined;
      }
      const holder = readHolder(this.#path);
      if (holder?.nonce === this.#nonce) {
        return undefined;
      }
      if (holder && !this.#isGone(holder)) {
        return holder;
      }
      if (!holder && this.#ageMs() <= INCOMPLETE_MAX_AGE_MS) {
        return UNKNOWN;
      }
      if (!this.#remove(holder)) {
        return undefined;
      }
    }
    return readHolder(this.#path) ?? UNKNOWN;
  }

  /** Renews the lock. Returns its holder if another process has taken it over. */
  renew(): Identity | undefined {
    const other = this.acquire();
    if (!other) {
      try {
        const now = new Date(this.#now());
        utimesSync(this.#path, now, now);
      } catch {
        // Read-only, or removed at this moment: the next renewal creates a new one.
      }
    }
    return other;
  }

  /** Releases the lock. */
  release(): void {
    if (readHolder(this.#path)?.nonce === this.#nonce) {
      rmSync(this.#path, { force: true });
    }
  }

  #isGone(holder: Identity): boolean {
    const { pid, host, boot, namespace } = this.#self.identity();
    if (holder.host !== host) {
      return this.#ageMs() > EXPIRES_AFTER_MS;
    }
    // The same id on the same machine: the previous process, in a container that was restarted.
    if (holder.pid === pid || (holder.boot !== undefined && boot !== undefined && holder.boot !== boot)) {
      return true;
    }
    // Another container with the same host name has its own process ids.
    if (holder.namespace !== namespace) {
      return this.#ageMs() > EXPIRES_AFTER_MS;
    }
    return !this.#self.isAlive(holder.pid) || !isSameProcess(holder, this.#self.startOf(holder.pid));
  }

  #ageMs(): number {
    const stat = statSync(this.#path, { throwIfNoEntry: false });
    return stat ? this.#now() - stat.mtimeMs : Number.POSITIVE_INFINITY;
  }

  /** @returns whether this process has the lock, or no lock file can be created */
  #create(): boolean {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      const file = openSync(this.#path, "wx", 0o600);
      try {
        writeSync(file, JSON.stringify({ ...this.#self.identity(), nonce: this.#nonce }));
        const now = new Date(this.#now());
        futimesSync(file, now, now);
      } finally {
        closeSync(file);
      }
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") {
        return false;
      }
      this.#removeEmpty();
      return true;
    }
  }

  /** Removes an incomplete file, which is left by a write to a full disk. */
  #removeEmpty(): void {
    try {
      if (readHolder(this.#path) === undefined) {
        rmSync(this.#path, { force: true });
      }
    } catch {
      // The folder is not writable.
    }
  }

  /**
   * Removes the file of a holder that has ended. If several processes do so, one of them succeeds. A process that has removed the file of a
   * new holder restores it.
   *
   * @returns false if the file can't be removed
   */
  #remove(gone: Identity | undefined): boolean {
    const aside = `${this.#path}.${this.#nonce}`;
    try {
      renameSync(this.#path, aside);
      if (readHolder(aside)?.nonce !== gone?.nonce) {
        renameSync(aside, this.#path);
      } else {
        rmSync(aside, { force: true });
      }
      return true;
    } catch (error) {
      // The file is missing: another process was faster.
      return (error as NodeJS.ErrnoException).code === "ENOENT";
    }
  }
}

const UNKNOWN: Identity = { pid: 0, host: "another process", nonce: "" };
