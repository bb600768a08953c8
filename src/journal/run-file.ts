import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import type { Clock } from "../polling/clock.ts";
import type { SaveResult } from "./save-failures.ts";

/** How urgent a change is: written immediately (`now`), or later with the next change, or lost (`soon`). */
export type Urgency = "now" | "soon";

/** How the file of a run is written. */
interface RunFileOptions {
  readonly clock: Clock;
  /** The clock for retries of failed writes. It must not keep the process alive. Default: `clock`. */
  readonly background?: Clock;
  /** Writes the current state of the run. Never rejects. */
  readonly write: () => Promise<SaveResult>;
}

/** The minimum interval between writes of progress. */
const PROGRESS_INTERVAL_MS = 1000;
/** The interval between retries of a failed write. It is also retried at each change. */
const RETRY_INTERVAL_MS = 10_000;
/**
 * A trigger's message reaches the first steps of both branches within a few turns of the event loop: Node-RED delivers it in one, and each node
 * in between takes one or two more. A file must not contain a run with one of them.
 */
const TURNS_BEFORE_FIRST_WRITE = 20;

/** Decides when the file of one run is written: one write at a time, and each write contains all changes made before it starts. */
export class RunFile {
  readonly #clock: Clock;
  readonly #background: Clock;
  readonly #write: () => Promise<SaveResult>;
  #current: Promise<SaveResult> | undefined;
  #next: Promise<SaveResult> | undefined;
  /** Cancels the planned write. */
  #later: (() => void) | undefined;
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

  /** Resolves when the current or a later state of the run is on disk, or could not be written. */
  saveNow(): Promise<SaveResult> {
    this.#later?.();
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

  /** Resolves when there is nothing to write, or the write has failed again. */
  async flush(): Promise<void> {
    if (this.#later) {
      void this.saveNow();
    }
    await (this.#next ?? this.#current);
  }

  #saveIn(ms: number, clock: Clock): void {
    this.#later = clock.alarm(ms, () => void this.saveNow());
  }

  async #untilAllHaveBegun(): Promise<void> {
    const isFirst = this.#writtenAt === Number.NEGATIVE_INFINITY;
    for (let turns = isFirst ? TURNS_BEFORE_FIRST_WRITE : 0; turns > 0; turns -= 1) {
      await turnOfEventLoop();
    }
  }

  async #writeAfterCurrent(): Promise<SaveResult> {
    // In a later turn of the event loop: the caller may make more changes in this one.
    await (this.#current ?? this.#untilAllHaveBegun());
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
