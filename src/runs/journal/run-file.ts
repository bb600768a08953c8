import type { Clock } from "../../polling/clock.ts";

/** What {@link RunFile} takes. */
export interface RunFileOptions {
  readonly clock: Clock;
  /** Brings the disk to the state that the run has when it is called. Never rejects. */
  readonly write: () => Promise<void>;
}

/** Progress alone is written no more often. */
const PROGRESS_EACH_MS = 1000;
/** A trigger's message comes to the first steps of both branches in the same moment: a run of one branch must never be all there is. */
const FIRST_WRITE_AFTER_MS = 25;

/** When the file of one run is written: one write at a time, and whatever changes before a write begins is in that write. */
export class RunFile {
  readonly #clock: Clock;
  readonly #write: () => Promise<void>;
  #current: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #later: AbortController | undefined;
  #beganAt = Number.NEGATIVE_INFINITY;

  constructor({ clock, write }: RunFileOptions) {
    this.#clock = clock;
    this.#write = write;
  }

  /** Whether all that was asked for is on the disk. */
  get isIdle(): boolean {
    return !(this.#current || this.#next || this.#later);
  }

  /** Resolves when the run, as it is now or later, is on the disk. */
  saveNow(): Promise<void> {
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
      return;
    }
    const later = new AbortController();
    this.#later = later;
    this.#clock.sleep(waitMs, later.signal).then(
      () => this.saveNow(),
      () => undefined,
    );
  }

  /** Resolves when nothing waits to be written. */
  async flush(): Promise<void> {
    if (this.#later) {
      void this.saveNow();
    }
    await (this.#next ?? this.#current);
  }

  #gathered(): Promise<void> {
    const isFirst = this.#beganAt === Number.NEGATIVE_INFINITY;
    return isFirst ? this.#clock.sleep(FIRST_WRITE_AFTER_MS, NEVER) : Promise.resolve();
  }

  async #afterCurrent(): Promise<void> {
    // Never in the turn of the caller, who may be about to change more.
    await (this.#current ?? this.#gathered());
    this.#current = this.#next;
    this.#next = undefined;
    this.#beganAt = this.#clock.now();
    await this.#write();
    this.#current = this.#next ? this.#current : undefined;
  }
}

const NEVER = new AbortController().signal;
