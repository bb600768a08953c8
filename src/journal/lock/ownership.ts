import { PipelineError } from "../../errors/pipeline-error.ts";
import type { Identity } from "./lock-holder.ts";
import { RENEW_INTERVAL_MS, type RunsLock } from "./runs-lock.ts";

/** The lock, and the callbacks for changes of its owner. */
export interface OwnershipOptions {
  readonly lock: RunsLock;
  /** This Node-RED owns the runs from now on. */
  readonly onOwned: () => void;
  /** Another Node-RED owns the runs: at the start, or because this one has not renewed the lock for a minute. */
  readonly onForeign: () => void;
  readonly warn: (message: string) => void;
  readonly info: (message: string) => void;
  /** Calls back once after a number of milliseconds, without keeping the process alive. */
  readonly later: (ms: number, callback: () => void) => void;
}

/** Whether this Node-RED owns the runs of a folder. Checked when a step starts, and at an interval. */
export class Ownership {
  readonly #options: OwnershipOptions;
  #holder: Identity | undefined;
  #isKnown = false;

  constructor(options: OwnershipOptions) {
    this.#options = options;
    this.check();
    this.#renew();
  }

  /** Whether this Node-RED owns the runs. Takes them over when they are free. */
  check(): boolean {
    const { lock, onOwned, onForeign, warn, info } = this.#options;
    const wasOwned = this.#isKnown && this.#holder === undefined;
    const wasForeign = this.#holder !== undefined;
    this.#holder = lock.renew();
    this.#isKnown = true;
    if (this.#holder && !wasForeign) {
      warn(
        wasOwned
          ? `${this.#holderName()} has taken over the runs in ${lock.folder}, because this Node-RED did not renew its lock for a minute. This one no longer continues any run.`
          : `${this.#holderName()} uses the runs in ${lock.folder}. This one only shows them, and takes over when the other one ends.`,
      );
      onForeign();
    } else if (!this.#holder && !wasOwned) {
      if (wasForeign) {
        info(`The runs in ${lock.folder} are free: the other Node-RED has ended, and this one takes over.`);
      }
      onOwned();
    }
    return this.#holder === undefined;
  }

  /** @throws PipelineError `RUNS_LOCKED` */
  assertOwned(): void {
    if (!this.check()) {
      const { pid, host } = this.#holder ?? {};
      throw new PipelineError(
        "RUNS_LOCKED",
        `${this.#holderName()} uses the runs in ${this.#options.lock.folder}, so no step starts here. Send the message there, end that process, or set lightlyAwsRunsDir in settings.js to another folder for this Node-RED.`,
        { details: { pid, host, folder: this.#options.lock.folder } },
      );
    }
  }

  #holderName(): string {
    const { pid, host } = this.#holder ?? {};
    return `Another Node-RED (process ${pid} on ${host})`;
  }

  #renew(): void {
    this.#options.later(RENEW_INTERVAL_MS, () => {
      this.check();
      this.#renew();
    });
  }
}
