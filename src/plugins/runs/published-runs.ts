import type { RunSummary } from "../../runs/records/run-summary.ts";

/** What the editors are told: how runs stand now, and which ones are forgotten. */
export interface RunNews {
  readonly changed: readonly RunSummary[];
  readonly gone: readonly string[];
}

/** What {@link PublishedRuns} takes. */
export interface PublishedRunsOptions {
  readonly summary: (runId: string) => RunSummary | undefined;
  readonly publish: (news: RunNews) => void;
  /** Calls back once, so many milliseconds later. */
  readonly later: (ms: number, callback: () => void) => void;
}

/** What changes at once (a step ends, the next one begins) is told at once. */
const GATHER_MS = 50;
/** At most two news of a run per second. */
const PAUSE_MS = 500;

/** Tells of changed runs, together and not too often: a step can log a thousand lines a second. */
export class PublishedRuns {
  readonly #options: PublishedRunsOptions;
  readonly #changed = new Set<string>();
  #isPausing = false;

  constructor(options: PublishedRunsOptions) {
    this.#options = options;
  }

  changed(runId: string): void {
    this.#changed.add(runId);
    if (!this.#isPausing) {
      this.#pause(GATHER_MS);
    }
  }

  #pause(ms: number): void {
    this.#isPausing = true;
    this.#options.later(ms, () => {
      this.#isPausing = false;
      if (this.#changed.size > 0) {
        this.#publish();
        this.#pause(PAUSE_MS);
      }
    });
  }

  #publish(): void {
    const runIds = [...this.#changed];
    this.#changed.clear();
    const summaries = runIds.map((runId) => this.#options.summary(runId));
    this.#options.publish({
      changed: summaries.filter((summary) => summary !== undefined),
      gone: runIds.filter((_, index) => summaries[index] === undefined),
    });
  }
}
