import {
  JOURNAL_VERSION,
  type JournalChange,
  type JournalOutcome,
  type JournalRun,
  type JournalSource,
} from "../journal/journal-run.ts";
import type { Run } from "./run.ts";

/** A run as its journal reads it: as a whole, or only what has changed. */
export class JournaledRun implements JournalSource {
  readonly #run: Run;
  readonly #outcome: () => JournalOutcome;
  /** The ids of the steps that have changed since they were read. */
  readonly #changed = new Set<string>();

  constructor(run: Run, outcome: () => JournalOutcome) {
    this.#run = run;
    this.#outcome = outcome;
  }

  stepChanged(stepId: string): void {
    this.#changed.add(stepId);
  }

  get isFinished(): boolean {
    return !this.#run.isActive;
  }

  whole(): JournalRun {
    const { runId, trigger, startedAt, events, steps } = this.#run;
    this.#changed.clear();
    return {
      ...{ version: JOURNAL_VERSION, runId, trigger, startedAt, ...this.#outcome() },
      events: events.toJournal(),
      steps: [...steps].map((step) => step.toJournal()),
    };
  }

  changes(): JournalChange {
    const { events, steps } = this.#run;
    const changed = [...this.#changed].flatMap((stepId) => steps.byId(stepId) ?? []);
    this.#changed.clear();
    return { ...this.#outcome(), events: events.changes(), steps: changed.map((step) => step.toJournal()) };
  }
}
