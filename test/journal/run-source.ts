import { isStepActive, type JournalRun, type JournalSource } from "../../src/journal/journal-run.ts";

/** A run of which every step changes each time. */
export function sourceOf(run: () => JournalRun): JournalSource {
  return {
    toJournal: run,
    changesForJournal: () => {
      const { version, runId, trigger, startedAt, events: added = [], ...change } = run();
      return { ...change, events: { kept: 0, added } };
    },
    get isActive() {
      const { endedAt, steps } = run();
      return endedAt === undefined || steps.some(isStepActive);
    },
  };
}
