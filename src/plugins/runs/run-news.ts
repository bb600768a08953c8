import type { RunSummary } from "../../runs/records/run-summary.ts";

/** What has changed since an editor last asked. */
export interface RunNews {
  /** What to ask with the next time. */
  readonly at: number;
  /** All runs are in `changed`: there is nothing to add them to. */
  readonly isAll: boolean;
  readonly changed: readonly RunSummary[];
  /** Runs that are forgotten. */
  readonly gone: readonly string[];
}

export interface RunNewsOptions {
  readonly summaries: () => RunSummary[];
  readonly summary: (runId: string) => RunSummary | undefined;
  readonly now: () => number;
  /** So many changed runs are remembered. Default 2,000. */
  readonly keep?: number;
}

/** Which runs have changed since when, for editors that ask for the rest of what they have seen. */
export class RunNewsBoard {
  readonly #options: RunNewsOptions;
  readonly #keep: number;
  /** The change at which each run changed last, the earliest first. */
  readonly #changes = new Map<string, number>();
  /** Nothing that is older is remembered. */
  #since: number;
  #at: number;

  constructor(options: RunNewsOptions) {
    this.#options = options;
    this.#keep = options.keep ?? 2000;
    // Numbers of an earlier process are smaller: whoever comes with one has to read all again.
    this.#at = options.now();
    this.#since = this.#at;
  }

  /** The number of the last change. */
  get at(): number {
    return this.#at;
  }

  changed(runId: string): void {
    this.#at += 1;
    this.#changes.delete(runId);
    this.#changes.set(runId, this.#at);
    const oldest = this.#changes.entries().next().value;
    if (oldest && this.#changes.size > this.#keep) {
      this.#changes.delete(oldest[0]);
      this.#since = oldest[1];
    }
  }

  /** @param at - of the news that were read last; undefined, or a number of another process: all runs are news */
  since(at: number | undefined): RunNews {
    if (at === undefined || !(at >= this.#since && at <= this.#at)) {
      return { at: this.#at, isAll: true, changed: this.#options.summaries(), gone: [] };
    }
    const runIds = [...this.#changes].filter(([, changedAt]) => changedAt > at).map(([runId]) => runId);
    const summaries = runIds.map((runId) => this.#options.summary(runId));
    return {
      at: this.#at,
      isAll: false,
      changed: summaries.filter((summary) => summary !== undefined),
      gone: runIds.filter((_, index) => summaries[index] === undefined),
    };
  }
}
