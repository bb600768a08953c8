import type { RunSummary } from "../../records/run-summary.ts";

/** The runs that have changed since the last request of an editor. */
export interface RunChanges {
  /** The `since` of the next request. */
  readonly cursor: number;
  /** Whether `changed` contains all runs and replaces what the editor knows. */
  readonly isFull: boolean;
  readonly changed: readonly RunSummary[];
  /** The ids of runs that no longer exist. */
  readonly removed: readonly string[];
}

export interface RunChangeLogOptions {
  readonly summaries: () => RunSummary[];
  readonly summary: (runId: string) => RunSummary | undefined;
  readonly now: () => number;
  /** The number of changed runs that are remembered. Default 2,000. */
  readonly maxRuns?: number;
}

/** Remembers when each run changed last, so that an editor reads only what is new. */
export class RunChangeLog {
  readonly #options: RunChangeLogOptions;
  readonly #maxRuns: number;
  /** The number of the last change of each run, the oldest first. */
  readonly #changes = new Map<string, number>();
  /** Changes up to this number are forgotten. */
  #forgottenUntil: number;
  #cursor: number;

  constructor(options: RunChangeLogOptions) {
    this.#options = options;
    this.#maxRuns = options.maxRuns ?? 2000;
    // Cursors of a previous process are smaller, so that they return all runs.
    this.#cursor = options.now();
    this.#forgottenUntil = this.#cursor;
  }

  /** The number of the last change. */
  get cursor(): number {
    return this.#cursor;
  }

  add(runId: string): void {
    this.#cursor += 1;
    this.#changes.delete(runId);
    this.#changes.set(runId, this.#cursor);
    const oldest = this.#changes.entries().next().value;
    if (oldest && this.#changes.size > this.#maxRuns) {
      this.#changes.delete(oldest[0]);
      this.#forgottenUntil = oldest[1];
    }
  }

  /** @param cursor - of the last response; undefined, or the cursor of another process, for all runs */
  since(cursor: number | undefined): RunChanges {
    if (cursor === undefined || !(cursor >= this.#forgottenUntil && cursor <= this.#cursor)) {
      return { cursor: this.#cursor, isFull: true, changed: this.#options.summaries(), removed: [] };
    }
    const runIds = [...this.#changes].filter(([, changedAt]) => changedAt > cursor).map(([runId]) => runId);
    const summaries = runIds.map((runId) => this.#options.summary(runId));
    return {
      cursor: this.#cursor,
      isFull: false,
      changed: summaries.filter((summary) => summary !== undefined),
      removed: runIds.filter((_, index) => summaries[index] === undefined),
    };
  }
}
