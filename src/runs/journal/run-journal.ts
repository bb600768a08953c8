import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { Slots } from "../../polling/slots.ts";
import { fileNameOf } from "./file-name.ts";
import type { JournalRun } from "./journal-run.ts";
import { readJournal } from "./read-journal.ts";
import { RunFile } from "./run-file.ts";

/** What {@link RunJournal} takes. */
export interface RunJournalOptions {
  /** The folder of the files; it is made with the first of them. */
  readonly folder: string;
  /** Hears what the user should know; failed writes are told once. */
  readonly warn: (message: string) => void;
  readonly clock?: Clock;
  /** Replaces a file by one of this text. Default: by `atomically`, synced. */
  readonly replace?: (path: string, text: string) => Promise<void>;
}

/** How a run is looked at when its turn to be written comes. */
export type Snapshot = () => JournalRun;

const WRITES_AT_ONCE = 4;

/**
 * The runs on disk, one file each. Nothing here ever rejects or throws: a full disk must not fail a step. What is lost then is the
 * knowledge of the run after a restart, and the user is told so.
 */
export class RunJournal {
  readonly folder: string;
  readonly #warn: (message: string) => void;
  readonly #clock: Clock;
  readonly #replace: (path: string, text: string) => Promise<void>;
  readonly #files = new Map<string, RunFile>();
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #slots = new Slots(WRITES_AT_ONCE);
  #untouchable: ReadonlySet<string> = new Set();
  #hasWarned = false;

  constructor({ folder, warn, clock = systemClock, replace = replaceSynced }: RunJournalOptions) {
    this.folder = folder;
    this.#warn = warn;
    this.#clock = clock;
    this.#replace = replace;
  }

  /** The runs that an earlier process has left, the oldest first; what can't be used is set aside with a warning. */
  load(): readonly JournalRun[] {
    const { runs, untouchable, warnings } = readJournal(this.folder);
    this.#untouchable = untouchable;
    for (const warning of warnings) {
      this.#warn(warning);
    }
    return runs;
  }

  /** Keeps a run; from now on its snapshot is what is written. */
  keep(runId: string, snapshot: Snapshot): void {
    this.#snapshots.set(runId, snapshot);
  }

  /** Resolves when the run is on the disk (or the disk has refused it). */
  async saveNow(runId: string): Promise<void> {
    await this.#file(runId).saveNow();
  }

  /** For what may be lost: written with the next save, or within a second. */
  saveSoon(runId: string): void {
    this.#file(runId).saveSoon();
  }

  /** Removes a run's file. */
  forget(runId: string): void {
    const file = this.#file(runId);
    this.#snapshots.delete(runId);
    void file.saveNow().then(() => {
      if (file.isIdle && !this.#snapshots.has(runId)) {
        this.#files.delete(runId);
      }
    });
  }

  /** Resolves when everything is on the disk. */
  async flush(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.flush()));
  }

  #file(runId: string): RunFile {
    let file = this.#files.get(runId);
    if (!file) {
      file = new RunFile({ clock: this.#clock, write: () => this.#slots.run(() => this.#write(runId)) });
      this.#files.set(runId, file);
    }
    return file;
  }

  async #write(runId: string): Promise<void> {
    const name = fileNameOf(runId);
    if (this.#untouchable.has(name)) {
      return;
    }
    const path = join(this.folder, name);
    try {
      const run = this.#snapshots.get(runId)?.();
      if (run) {
        await this.#replace(path, JSON.stringify(run));
      } else {
        await rm(path, { force: true });
      }
    } catch (error) {
      this.#tellOnce(error);
    }
  }

  #tellOnce(error: unknown): void {
    if (this.#hasWarned) {
      return;
    }
    this.#hasWarned = true;
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    this.#warn(
      `Run journal: ${this.folder} can't be written (${why}). Runs go on, but should Node-RED end now, it will not know of them. Make room, or give Node-RED the right to write there; lightlyAwsRunsDir in settings.js names another folder.`,
    );
  }
}

/** A folder that can't be opened is tried for so long: an antivirus program lets go soon, a missing right stays missing. */
const KEEP_TRYING_MS = 1000;

/** Messages may be private, so that no other user of the machine may read them. */
async function replaceSynced(path: string, text: string): Promise<void> {
  // An ES module; and nothing that Node-RED should load when it starts.
  const { writeFile } = await import("atomically");
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // As a stream, since a text is written by one call whose count nobody checks: on a full disk a part of it would replace the whole.
  await writeFile(path, Readable.from([Buffer.from(text)]), { mode: 0o600, timeout: KEEP_TRYING_MS });
}
