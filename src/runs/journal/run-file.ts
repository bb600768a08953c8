import type { Clock } from "../../polling/clock.ts";

/** Why the disk does not have a run as it is now. */
export interface Refusal {
  /** The system's word, such as `ENOSPC`, and what it means. */
  readonly why: string;
  /** The folder of the files. */
  readonly folder: string;
}

/** What a save came to; undefined when the disk has the run. */
export type Saved = Refusal | undefined;

/** What {@link RunFile} takes. */
export interface RunFileOptions {
  readonly clock: Clock;
  /** Waits for the next try of what the disk has refused; keeps no process alive. Default: `clock`. */
  readonly background?: Clock;
  /** Brings the disk to the state that the run has when it is called. Never rejects. */
  readonly write: () => Promise<Saved>;
}

/** Progress alone is written no more often. */
const PROGRESS_EACH_MS = 1000;
/** What the disk has refused is tried again so often, besides at each change. */
const TRY_AGAIN_EACH_MS = 10_000;
/** A trigger's message comes to the first steps of both branches in the same moment: a run of one branch must never be all there is. */
const FIRST_WRITE_AFTER_MS = 25;

/** When the file of one run is written: one write at a time, and whatever changes before a write begins is in that write. */
export class RunFile {
  readonly #clock: Clock;
  readonly #background: Clock;
  readonly #write: () => Promise<Saved>;
  #current: Promise<Saved> | undefined;
  #next: Promise<Saved> | undefined;
  #later: AbortController | undefined;
  #beganAt = Number.NEGATIVE_INFINITY;
  #refusal: Saved;

  constructor({ clock, background = clock, write }: RunFileOptions) {
    this.#clock = clock;
    this.#background = background;
    this.#write = write;
  }

  /** Whether all that was asked for is on the disk. */
  get isIdle(): boolean {
    return !(this.#current || this.#next || this.#later);
  }

  /** What the last write came to. */
  get refusal(): Saved {
    return this.#refusal;
  }

  /** Resolves when the run, as it is now or later, is on the disk, or when the disk has refused it. */
  saveNow(): Promise<Saved> {
    this.#later?.abort();
    this.#later = undefined;
    this.#next ??= this.#afterCurrent();
    return this.#next;
  }

  /** Saves within a second of the last write at the latest, or with the next one that can't wait. */
  saveSoon(): void {
    if (this.#next || this.#later) {
      return;
    }
    const waitMs = this.#beganAt + PROGRESS_EACH_MS - this.#clock.now();
    if (waitMs <= 0) {
      void this.saveNow();
    } else {
      this.#saveIn(waitMs, this.#clock);
    }
  }

  /** Resolves when nothing waits to be written, or the disk has refused it once more. */
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

  #gathered(): Promise<void> {
    const isFirst = this.#beganAt === Number.NEGATIVE_INFINITY;
    return isFirst ? this.#clock.sleep(FIRST_WRITE_AFTER_MS, NEVER) : Promise.resolve();
  }

  async #afterCurrent(): Promise<Saved> {
    // Never in the turn of the caller, who may be about to change more.
    await (this.#current ?? this.#gathered());
    this.#current = this.#next;
    this.#next = undefined;
    this.#beganAt = this.#clock.now();
    const refusal = await this.#write();
    this.#refusal = refusal;
    this.#current = this.#next ? this.#current : undefined;
    if (refusal && !this.#next && !this.#later) {
      this.#saveIn(TRY_AGAIN_EACH_MS, this.#background);
    }
    return refusal;
  }
}

const NEVER = new AbortController().signal;
