import { JOURNAL_VERSION, type JournalChange, type JournalRun, type JournalSource } from "../journal/journal-run.ts";
import type { Run } from "./run.ts";

/** A run as its journal reads it: as a whole, or only what has changed. */
export class JournaledRun implements JournalSource {
  readonly #run: Run;
  /** The ids of the steps that have changed since they were read. */
  readonly #changed = new Set<string>();

  constructor(run: Run) {
    this.#run = run;
  }

  stepChanged(stepId: string): void {
    this.#changed.add(stepId);
  }

  get isFinished(): boolean {
    return !this.#run.isActive;
  }

  whole(): JournalRun {
    const { runId, trigger, startedAt, journalOutcome, events, steps } = this.#run;
    this.#changed.clear();
    return {
      ...{ version: JOURNAL_VERSION, runId, trigger, startedAt, ...journalOutcome },
      events: events.toJournal(),
      steps: [...steps].map((step) => step.toJournal()),
    };
  }

  changes(): JournalChange {
    const { journalOutcome, events, steps } = this.#run;
    const changed = [...this.#changed].flatMap((stepId) => steps.byId(stepId) ?? []);
    this.#changed.clear();
    return { ...journalOutcome, events: events.changes(), steps: changed.map((step) => step.toJournal()) };
  }
}
