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
import { type Identity, isSameLife, readHolder, type ThisProcess, thisProcess } from "./lock-holder.ts";

/** What {@link RunsLock} takes. */
export interface RunsLockOptions {
  /** The folder of the runs. */
  readonly folder: string;
  readonly now?: () => number;
  readonly self?: ThisProcess;
}

const FILE = "owner.lock";
/** The holder says so often that it lives. */
export const BEAT_MS = 10_000;
/** A holder on another machine that has said nothing for so long is gone. */
const SILENT_MS = 60_000;
/** A file without a holder in it is being written, or was left by a full disk. */
const HALF_WRITTEN_MS = 5000;
const TRIES = 5;

/**
 * Lets one Node-RED at a time work on the runs of a folder, by a file in it that names its holder. The file of a holder that has gone is
 * taken over at once where that can be known (same machine: by the process id, and the time at which the process began), and after a
 * minute of silence otherwise. Where no file can be made or removed, on a full or read-only disk, all are let in: only stops go on there.
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

  /** Takes the lock if it is free. Returns who has it; undefined when this process does. */
  acquire(): Identity | undefined {
    for (let left = TRIES; left > 0; left -= 1) {
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
      if (!holder && this.#silentMs() <= HALF_WRITTEN_MS) {
        return UNKNOWN;
      }
      if (!this.#remove(holder)) {
        return undefined;
      }
    }
    return readHolder(this.#path) ?? UNKNOWN;
  }

  /** Says that this process lives. Returns who has taken the lock meanwhile; undefined when it is still this process's. */
  beat(): Identity | undefined {
    const other = this.acquire();
    if (!other) {
      try {
        const now = new Date(this.#now());
        utimesSync(this.#path, now, now);
      } catch {
        // Read-only, or gone in this moment: the next beat makes a new one.
      }
    }
    return other;
  }

  /** Lets the next one in. */
  release(): void {
    if (readHolder(this.#path)?.nonce === this.#nonce) {
      rmSync(this.#path, { force: true });
    }
  }

  #isGone(holder: Identity): boolean {
    const { pid, host, boot, namespace } = this.#self.identity();
    if (holder.host !== host) {
      return this.#silentMs() > SILENT_MS;
    }
    // The same id on the same machine, and not ours: the process before this one, in a container that was started again.
    if (holder.pid === pid || (holder.boot !== undefined && boot !== undefined && holder.boot !== boot)) {
      return true;
    }
    // Of a container with this machine's name: its process ids are others.
    if (holder.namespace !== namespace) {
      return this.#silentMs() > SILENT_MS;
    }
    return !this.#self.isAlive(holder.pid) || !isSameLife(holder, this.#self.startOf(holder.pid));
  }

  #silentMs(): number {
    const stat = statSync(this.#path, { throwIfNoEntry: false });
    return stat ? this.#now() - stat.mtimeMs : Number.POSITIVE_INFINITY;
  }

  /** @returns whether the lock is ours, or no file can be made at all */
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

  /** What a full disk has left of our own. */
  #removeEmpty(): void {
    try {
      if (readHolder(this.#path) === undefined) {
        rmSync(this.#path, { force: true });
      }
    } catch {
      // The folder can't be written.
    }
  }

  /**
   * Of several that find the same holder gone, one removes its file; who has removed another one's puts it back.
   *
   * @returns false when the file can't be removed at all
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
      // Without the file, another one was faster.
      return (error as NodeJS.ErrnoException).code === "ENOENT";
    }
  }
}

const UNKNOWN: Identity = { pid: 0, host: "another process", nonce: "" };
