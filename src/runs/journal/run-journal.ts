import { randomBytes } from "node:crypto";
import { mkdir, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { Semaphore } from "../../concurrency/semaphore.ts";
import { backgroundClock } from "../../polling/background-clock.ts";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { fileNameOf } from "./file-name.ts";
import { isAtAnEnd, type JournalRun } from "./journal-run.ts";
import { readJournal } from "./read-journal.ts";
import { Refusals } from "./refusals.ts";
import { type Refusal, RunFile, type Saved } from "./run-file.ts";

/** What {@link RunJournal} takes. */
export interface RunJournalOptions {
  /** The folder of the files; it is made with the first of them. */
  readonly folder: string;
  /** Hears what the user should know; of failed writes once for each outage. */
  readonly warn: (message: string) => void;
  /** Hears that an outage is over. */
  readonly info?: (message: string) => void;
  readonly clock?: Clock;
  /** Replaces a file by one of this text. Default: by `atomically`, synced. */
  readonly replace?: (path: string, text: string) => Promise<void>;
}

/** How a run is looked at when its turn to be written comes. */
export type Snapshot = () => JournalRun;

const WRITES_AT_ONCE = 4;

/**
 * The runs on disk, one file each. Nothing here ever rejects or throws: each save tells whether the disk has taken the run, and it is
 * for the caller to decide what that means. What was refused is tried again, at each change and on a slow beat.
 */
export class RunJournal {
  readonly folder: string;
  /** Called with each run whose file has become stale, or true again. */
  onRefusalChange: (runId: string) => void = () => {};
  readonly #warn: (message: string) => void;
  readonly #clock: Clock;
  readonly #background: Clock;
  readonly #replace: (path: string, text: string) => Promise<void>;
  readonly #files = new Map<string, RunFile>();
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #slots = new Semaphore(WRITES_AT_ONCE);
  readonly #refusals: Refusals;
  #untouchable: ReadonlySet<string> = new Set();
  /** Another one after each time that the files were another process's. */
  #generation = 0;
  #isOthers = false;

  constructor({ folder, warn, info = () => {}, clock, replace = replaceSynced }: RunJournalOptions) {
    this.folder = folder;
    this.#warn = warn;
    this.#clock = clock ?? systemClock;
    this.#background = clock ?? backgroundClock;
    this.#replace = replace;
    this.#refusals = new Refusals({ folder, warn, info, onChange: (runId) => this.onRefusalChange(runId) });
  }

  /** The runs that an earlier process has left, the oldest first; what can't be used is set aside with a warning. */
  load(): readonly JournalRun[] {
    this.#forgetAll();
    this.#isOthers = false;
    const { runs, untouchable, warnings } = readJournal(this.folder);
    this.#untouchable = untouchable;
    for (const warning of warnings) {
      this.#warn(warning);
    }
    return runs;
  }

  /** The runs that another process works on; their files are left as they are. */
  peek(): readonly JournalRun[] {
    return readJournal(this.folder, false).runs;
  }

  /** Another process works on the runs: from now on every save is refused, until they are loaded again. */
  giveUp(): void {
    this.#forgetAll();
    this.#isOthers = true;
  }

  /** Saves that wait come to nothing: they would be of runs that are not this process's any more. */
  #forgetAll(): void {
    this.#generation += 1;
    this.#files.clear();
    this.#snapshots.clear();
  }

  /** Keeps a run; from now on its snapshot is what is written. */
  keep(runId: string, snapshot: Snapshot): void {
    this.#snapshots.set(runId, snapshot);
  }

  /** Resolves when the run is on the disk as it is, or with why it is not. */
  saveNow(runId: string): Promise<Saved> {
    return this.#file(runId).saveNow();
  }

  /** Why the disk does not have a run as it was at the last save; undefined when it has. */
  refusalOf(runId: string): Refusal | undefined {
    return this.#refusals.of(runId);
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
      const generation = this.#generation;
      file = new RunFile({
        clock: this.#clock,
        background: this.#background,
        write: () => this.#slots.run(() => this.#write(runId, generation)),
      });
      this.#files.set(runId, file);
    }
    return file;
  }

  async #write(runId: string, generation: number): Promise<Saved> {
    if (this.#isOthers || generation !== this.#generation) {
      return { why: "another Node-RED works on the runs there", folder: this.folder };
    }
    let path: string | undefined;
    let run: JournalRun | undefined;
    try {
      path = this.#pathOf(runId);
      run = this.#snapshots.get(runId)?.();
      if (run) {
        await this.#replace(path, JSON.stringify(run));
      } else {
        await rm(path, { force: true });
      }
    } catch (error) {
      if (path !== undefined && run && isAtAnEnd(run)) {
        await this.#removeStale(path, runId);
      }
      return this.#refusals.refused(runId, error);
    }
    this.#refusals.taken(runId);
    return undefined;
  }

  #pathOf(runId: string): string {
    const name = fileNameOf(runId);
    if (this.#untouchable.has(name)) {
      throw new Error(`${name} was written by a later version of this package, or belongs to another user`);
    }
    return join(this.folder, name);
  }

  /** Of a run that is over: its file would have a later process begin again what was done. A full disk still removes files. */
  async #removeStale(path: string, runId: string): Promise<void> {
    try {
      await unlink(path);
      this.#warn(
        `Run journal: the file of the run ${runId} was removed, since the disk does not take how the run has ended, and the file would have had it go on after a restart. Until there is room, only this process knows of the run.`,
      );
    } catch {
      // There is none, or it can't be removed either: the warning of the outage says what to do.
    }
  }
}

/** A folder that can't be opened is tried for so long: an antivirus program lets go soon, a missing right stays missing. */
const KEEP_TRYING_MS = 1000;

/** Messages may be private, so that no other user of the machine may read them. */
async function replaceSynced(path: string, text: string): Promise<void> {
  // An ES module; and nothing that Node-RED should load when it starts.
  const { writeFile } = await import("atomically");
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.tmp-${randomBytes(8).toString("hex")}`;
  try {
    // As a stream, since a text is written by one call whose count nobody checks: on a full disk a part of it would replace the whole.
    await writeFile(path, Readable.from([Buffer.from(text)]), {
      mode: 0o600,
      timeout: KEEP_TRYING_MS,
      tmpCreate: () => temporary,
      // At a signal the library would delete what is being written, and the write would fail as if the disk had refused it.
      tmpPurge: false,
    });
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
