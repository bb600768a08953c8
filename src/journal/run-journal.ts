import { rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Semaphore } from "../concurrency/semaphore.ts";
import { backgroundClock, type Clock, systemClock } from "../polling/clock.ts";
import { type JournalDisk, syncedDisk } from "./journal-disk.ts";
import type { JournalRun, JournalSource } from "./journal-run.ts";
import { fileNameOf, readJournal } from "./read-journal.ts";
import { RunFile } from "./run-file.ts";
import { RunLog } from "./run-log.ts";
import { SaveFailures, type SaveResult } from "./save-failures.ts";

/** The folder of a journal, and the receivers of its warnings. */
export interface RunJournalOptions {
  /** The folder of the files. It is created with the first file. */
  readonly folder: string;
  /** Receives warnings for the user. Failed writes cause one warning per outage. */
  readonly warn: (message: string) => void;
  /** Receives the end of an outage. */
  readonly info?: (message: string) => void;
  readonly clock?: Clock;
  /** Default: the disk of the system. */
  readonly disk?: JournalDisk;
}

/** A run of the journal, and its file. */
interface JournaledRun {
  readonly source: JournalSource;
  readonly log: RunLog;
}

const WRITES_AT_ONCE = 4;

/**
 * The runs on disk, one file each: see {@link RunLog}. No method rejects or throws: each save returns whether it has succeeded, and the caller decides what
 * a failure means. A failed save is retried at each change and at an interval.
 */
export class RunJournal {
  readonly folder: string;
  /** Called with the id of a run when its file becomes outdated, or is up to date again. */
  onSaveFailureChange: (runId: string) => void = () => {};
  readonly #warn: (message: string) => void;
  readonly #clock: Clock;
  readonly #background: Clock;
  readonly #disk: JournalDisk;
  readonly #files = new Map<string, RunFile>();
  readonly #runs = new Map<string, JournaledRun>();
  readonly #writes = new Semaphore(WRITES_AT_ONCE);
  readonly #failures: SaveFailures;
  #untouchable: ReadonlySet<string> = new Set();
  /** Incremented whenever the files were owned by another process. */
  #generation = 0;
  #isForeign = false;

  constructor({ folder, warn, info = () => {}, clock, disk = syncedDisk }: RunJournalOptions) {
    this.folder = folder;
    this.#warn = warn;
    this.#clock = clock ?? systemClock;
    this.#background = clock ?? backgroundClock;
    this.#disk = disk;
    this.#failures = new SaveFailures({ folder, warn, info, onChange: (runId) => this.onSaveFailureChange(runId) });
  }

  /** The runs of previous processes, oldest first. Damaged files are renamed, with a warning. */
  load(): readonly JournalRun[] {
    this.#forgetAll();
    this.#isForeign = false;
    const { runs, untouchable, warnings } = readJournal(this.folder);
    this.#untouchable = untouchable;
    for (const warning of warnings) {
      this.#warn(warning);
    }
    return runs;
  }

  /** The runs of another process. Their files are not changed. */
  peek(): readonly JournalRun[] {
    return readJournal(this.folder, false).runs;
  }

  /** Another process owns the runs: every save fails until they are loaded again. */
  disown(): void {
    this.#forgetAll();
    this.#isForeign = true;
  }

  /** Cancels planned saves: this process no longer owns the runs. */
  #forgetAll(): void {
    this.#generation += 1;
    this.#files.clear();
    this.#runs.clear();
  }

  /** Adds a run to the journal. Its first save replaces its file, each later one appends what has changed. */
  add(runId: string, source: JournalSource): void {
    this.#runs.set(runId, { source, log: new RunLog(this.#disk) });
  }

  /** Resolves when the current state of the run is on disk, or with the reason why it is not. */
  saveNow(runId: string): Promise<SaveResult> {
    return this.#file(runId).saveNow();
  }

  /** Why the last save of a run has failed; undefined if it has not. */
  saveFailureOf(runId: string): SaveResult {
    return this.#failures.of(runId);
  }

  /** For changes that may be lost: saves them with the next save, or within a second. */
  saveSoon(runId: string): void {
    this.#file(runId).saveSoon();
  }

  /** Removes a run's file. */
  remove(runId: string): void {
    const file = this.#file(runId);
    this.#runs.delete(runId);
    void file.saveNow().then(() => {
      if (file.isIdle && !this.#runs.has(runId)) {
        this.#files.delete(runId);
      }
    });
  }

  /** Resolves when everything is on disk. */
  async flush(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.flush()));
  }

  #file(runId: string): RunFile {
    let file = this.#files.get(runId);
    if (!file) {
      const generation = this.#generation;
      file = new RunFile({
        clock: this.#clock,
        background: this.#background,
        write: () => this.#writes.run(() => this.#write(runId, generation)),
      });
      this.#files.set(runId, file);
    }
    return file;
  }

  async #write(runId: string, generation: number): Promise<SaveResult> {
    if (this.#isForeign || generation !== this.#generation) {
      return { why: "another Node-RED uses the runs there", folder: this.folder };
    }
    let path: string | undefined;
    const run = this.#runs.get(runId);
    try {
      path = this.#pathOf(runId);
      if (run) {
        await run.log.write(path, run.source);
      } else {
        await rm(path, { force: true });
      }
    } catch (error) {
      if (path !== undefined && run && !run.source.isActive) {
        await this.#removeStale(path, runId);
      }
      return this.#failures.failed(runId, error);
    }
    this.#failures.succeeded(runId);
    return undefined;
  }

  #pathOf(runId: string): string {
    const name = fileNameOf(runId);
    if (this.#untouchable.has(name)) {
      throw new Error(`${name} was written by a later version of this package, or belongs to another user`);
    }
    return join(this.folder, name);
  }

  /** Removes the outdated file of a finished run, which a later process would resume. A full disk still removes files. */
  async #removeStale(path: string, runId: string): Promise<void> {
    try {
      await unlink(path);
      this.#warn(
        `Run journal: the file of the run ${runId} was removed, because the end of the run could not be written, and the outdated file would resume the run after a restart. Until there is disk space, only this process knows the run.`,
      );
    } catch {
      // There is no file, or it can't be removed either: the warning of the outage says what to do.
    }
  }
}
