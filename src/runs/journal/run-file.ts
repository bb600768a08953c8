import type { Clock } from "../../polling/clock.ts";
import type { SaveResult } from "./save-failures.ts";

/** Whether a change must be written at once, or may be written with the next one, or lost. */
export type Urgency = "now" | "soon";

/** How the file of a run is written. */
interface RunFileOptions {
  readonly clock: Clock;
  /** Waits for the next try of a failed write without keeping the process alive. Default: `clock`. */
  readonly background?: Clock;
  /** Writes the state that the run has when it is called. Never rejects. */
  readonly write: () => Promise<SaveResult>;
}

/** Progress alone is written no more often. */
const PROGRESS_INTERVAL_MS = 1000;
/** A failed write is tried again this often, and at each change. */
const RETRY_INTERVAL_MS = 10_000;
/** A trigger's message reaches the first steps of both branches at the same time: a file must not contain a run with only one of them. */
const FIRST_WRITE_DELAY_MS = 25;

/** Decides when the file of one run is written: one write at a time, and each write contains all changes made before it starts. */
export class RunFile {
  readonly #clock: Clock;
  readonly #background: Clock;
  readonly #write: () => Promise<SaveResult>;
  #current: Promise<SaveResult> | undefined;
  #next: Promise<SaveResult> | undefined;
  #later: AbortController | undefined;
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor({ clock, background = clock, write }: RunFileOptions) {
    this.#clock = clock;
    this.#background = background;
    this.#write = write;
  }

  /** Whether no write is running or planned. */
  get isIdle(): boolean {
    return !(this.#current || this.#next || this.#later);
  }

  /** Resolves when the current state of the run, or a later one, is on disk, or could not be written. */
  saveNow(): Promise<SaveResult> {
    this.#later?.abort();
    this.#later = undefined;
    this.#next ??= this.#writeAfterCurrent();
    return this.#next;
  }

  /** Saves within a second of the last write, or with the next one. */
  saveSoon(): void {
    if (this.#next || this.#later) {
      return;
    }
    const waitMs = this.#writtenAt + PROGRESS_INTERVAL_MS - this.#clock.now();
    if (waitMs <= 0) {
      void this.saveNow();
    } else {
      this.#saveIn(waitMs, this.#clock);
    }
  }

  /** Resolves when nothing is left to write, or the write has failed once more. */
  async flush(): Promise<void> {
    if (this.#later) {
      void this.saveNow();
    }
    await (this.#next ?? this.#current);
  }

  #saveIn(ms: number, clock: Clock): void {
    const later = new AbortController();
    this.#later = later;
    clock.sleep(ms, later.signal).then(
      () => this.saveNow(),
      () => undefined,
    );
  }

  #delayOfFirst(): Promise<void> {
    const isFirst = this.#writtenAt === Number.NEGATIVE_INFINITY;
    return isFirst ? this.#clock.sleep(FIRST_WRITE_DELAY_MS, NEVER) : Promise.resolve();
  }

  async #writeAfterCurrent(): Promise<SaveResult> {
    // Never in the caller's turn of the event loop: more changes may follow in it.
    await (this.#current ?? this.#delayOfFirst());
    this.#current = this.#next;
    this.#next = undefined;
    this.#writtenAt = this.#clock.now();
    const failure = await this.#write();
    this.#current = this.#next ? this.#current : undefined;
    if (failure && !this.#next && !this.#later) {
      this.#saveIn(RETRY_INTERVAL_MS, this.#background);
    }
    return failure;
  }
}

const NEVER = new AbortController().signal;
