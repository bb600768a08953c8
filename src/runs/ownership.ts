import { PipelineError } from "../errors/pipeline-error.ts";
import type { Identity } from "./journal/lock-holder.ts";
import { BEAT_MS, type RunsLock } from "./journal/runs-lock.ts";

/** What {@link Ownership} takes. */
export interface OwnershipOptions {
  readonly lock: RunsLock;
  /** Reads the runs from the disk, to work on them. */
  readonly onOurs: () => void;
  /** Another Node-RED works on the runs: at the start, or since this one did not answer for a minute. */
  readonly onOthers: () => void;
  readonly warn: (message: string) => void;
  readonly info: (message: string) => void;
  /** Calls back once, so many milliseconds later; keeps no process alive. */
  readonly later: (ms: number, callback: () => void) => void;
}

/** Whether the runs of a folder are this Node-RED's to work on: looked at when something is to begin, and on a beat. */
export class Ownership {
  readonly #options: OwnershipOptions;
  #holder: Identity | undefined;
  #isKnown = false;

  constructor(options: OwnershipOptions) {
    this.#options = options;
    this.check();
    this.#beat();
  }

  /** Whether the runs are ours now; takes them over when they are free. */
  check(): boolean {
    const { lock, onOurs, onOthers, warn, info } = this.#options;
    const wasOurs = this.#isKnown && this.#holder === undefined;
    const wasOthers = this.#holder !== undefined;
    this.#holder = lock.beat();
    this.#isKnown = true;
    if (this.#holder && !wasOthers) {
      warn(
        wasOurs
          ? `${this.#describe()} has taken over, since this one did not answer for a minute. This one works on no run any more.`
          : `${this.#describe()}. This one only shows them, and takes over when the other one has ended.`,
      );
      onOthers();
    } else if (!this.#holder && !wasOurs) {
      if (wasOthers) {
        info(`The runs in ${lock.folder} are free: the other Node-RED has ended, and this one takes over.`);
      }
      onOurs();
    }
    return this.#holder === undefined;
  }

  /** @throws PipelineError `RUNS_LOCKED` */
  demand(): void {
    if (!this.check()) {
      const { pid, host } = this.#holder ?? {};
      throw new PipelineError(
        "RUNS_LOCKED",
        `${this.#describe()}: here no step begins. Send the message there, end that process, or give this Node-RED a folder of its own by lightlyAwsRunsDir in settings.js.`,
        { details: { pid, host, folder: this.#options.lock.folder } },
      );
    }
  }

  #describe(): string {
    const { pid, host } = this.#holder ?? {};
    return `Another Node-RED (process ${pid} on ${host}) works on the runs in ${this.#options.lock.folder}`;
  }

  #beat(): void {
    this.#options.later(BEAT_MS, () => {
      this.check();
      this.#beat();
    });
  }
}
