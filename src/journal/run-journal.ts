import { randomBytes } from "node:crypto";
import { mkdir, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { Semaphore } from "../concurrency/semaphore.ts";
import { backgroundClock } from "../polling/background-clock.ts";
import { type Clock, systemClock } from "../polling/clock.ts";
import { isFinished, type JournalRun, type JournalStep } from "./journal-run.ts";
import { fileNameOf, readJournal } from "./read-journal.ts";
import { RunFile } from "./run-file.ts";
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
  /** Replaces the content of a file. Default: atomically, with fsync. */
  readonly replace?: (path: string, text: string) => Promise<void>;
}

/** Returns the current state of a run, to write its file. */
type Snapshot = () => JournalRun;

const WRITES_AT_ONCE = 4;

/**
 * The runs on disk, one file each. No method rejects or throws: each save returns whether it has succeeded, and the caller decides what
 * a failure means. A failed save is retried at each change and at an interval.
 */
export class RunJournal {
  readonly folder: string;
  /** Called with the id of a run when its file becomes outdated, or is up to date again. */
  onSaveFailureChange: (runId: string) => void = () => {};
  readonly #warn: (message: string) => void;
  readonly #clock: Clock;
  readonly #background: Clock;
  readonly #replace: (path: string, text: string) => Promise<void>;
  readonly #files = new Map<string, RunFile>();
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #writes = new Semaphore(WRITES_AT_ONCE);
  readonly #texts = new WeakMap<JournalStep, string>();
  readonly #failures: SaveFailures;
  #untouchable: ReadonlySet<string> = new Set();
  /** Incremented whenever the files were owned by another process. */
  #generation = 0;
  #isForeign = false;

  constructor({ folder, warn, info = () => {}, clock, replace = replaceSynced }: RunJournalOptions) {
    this.folder = folder;
    this.#warn = warn;
    this.#clock = clock ?? systemClock;
    this.#background = clock ?? backgroundClock;
    this.#replace = replace;
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
    this.#snapshots.clear();
  }

  /** Adds a run to the journal. Each save writes its snapshot. */
  add(runId: string, snapshot: Snapshot): void {
    this.#snapshots.set(runId, snapshot);
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
    this.#snapshots.delete(runId);
    void file.saveNow().then(() => {
      if (file.isIdle && !this.#snapshots.has(runId)) {
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
    let run: JournalRun | undefined;
    try {
      path = this.#pathOf(runId);
      run = this.#snapshots.get(runId)?.();
      if (run) {
        await this.#replace(path, this.#textOf(run));
      } else {
        await rm(path, { force: true });
      }
    } catch (error) {
      if (path !== undefined && run && isFinished(run)) {
        await this.#removeStale(path, runId);
      }
      return this.#failures.failed(runId, error);
    }
    this.#failures.succeeded(runId);
    return undefined;
  }

  /** The JSON of a run. That of a step that has ended is kept: a run of thousands of videos is written after each of them. */
  #textOf({ steps, ...run }: JournalRun): string {
    const texts = steps.map((step) => {
      const text = this.#texts.get(step) ?? JSON.stringify(step);
      if (step.state !== "running") {
        this.#texts.set(step, text);
      }
      return text;
    });
    return `${JSON.stringify({ ...run, steps: [] }).slice(0, -2)}${texts.join(",")}]}`;
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

/** How long a write is retried. An antivirus program blocks a file for a moment; a missing permission is permanent. */
const RETRY_MS = 1000;

/** Only the user of this process may read the file, because messages may be private. */
async function replaceSynced(path: string, text: string): Promise<void> {
  // Loaded on first use: an ES module that is not needed when Node-RED starts.
  const { writeFile } = await import("atomically");
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.tmp-${randomBytes(8).toString("hex")}`;
  try {
    // A stream, because a string would be written by one call without a check of the number of written bytes, so that a full disk would
    // truncate it.
    await writeFile(path, Readable.from([Buffer.from(text)]), {
      mode: 0o600,
      timeout: RETRY_MS,
      tmpCreate: () => temporary,
      // On a signal the library would delete the temporary file, and the write would fail as on a full disk.
      tmpPurge: false,
    });
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
