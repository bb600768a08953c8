import { Ownership, type OwnershipOptions } from "../journal/lock/ownership.ts";
import { ReadOnlyRuns } from "../journal/read-only-runs.ts";
import type { Urgency } from "../journal/run-file.ts";
import type { RunJournal } from "../journal/run-journal.ts";
import type { SaveResult } from "../journal/save-failures.ts";
import type { Run } from "./run.ts";
import type { RunRegistry } from "./run-registry.ts";

/** The lock of a journal that another Node-RED may use, and the receivers of messages about it. */
export type GuardedJournalOptions = Pick<OwnershipOptions, "lock" | "warn" | "info">;

/**
 * The storage of a registry's runs: memory only, a journal, or the journal of another Node-RED (read-only). It changes when that Node-RED
 * ends, or takes over the journal.
 */
export class RunStorage {
  readonly #registry: RunRegistry;
  #journal: RunJournal | undefined;
  #ownership: Ownership | undefined;
  #readOnly: ReadOnlyRuns | undefined;

  constructor(registry: RunRegistry) {
    this.#registry = registry;
  }

  /** @param guarded - lets one Node-RED at a time use the journal: while another one does, its runs are read-only here */
  attach(journal: RunJournal, guarded?: GuardedJournalOptions): void {
    if (!guarded) {
      this.#takeOver(journal);
      return;
    }
    this.#ownership = new Ownership({
      ...guarded,
      later: this.#registry.later,
      onOwned: () => this.#takeOver(journal),
      onForeign: () => this.#readOnlyFrom(journal),
    });
  }

  /** The runs of another Node-RED; undefined while this one owns the journal. */
  get readOnly(): ReadOnlyRuns | undefined {
    return this.#readOnly;
  }

  /** Whether this Node-RED owns the journal. Takes it over if it is free. */
  isOwned(): boolean {
    return this.#ownership?.check() !== false;
  }

  /** @throws PipelineError `RUNS_LOCKED`: another Node-RED uses the runs */
  assertOwned(): void {
    this.#ownership?.assertOwned();
  }

  add(run: Run): void {
    this.#journal?.add(run.runId, run.journaled);
  }

  remove(runId: string): void {
    this.#journal?.remove(runId);
  }

  /** Resolves when the current state of a run is on disk, or with the reason why it is not. Without a journal, immediately. */
  async save({ runId }: Run): Promise<SaveResult> {
    return this.#journal?.saveNow(runId);
  }

  /** Writes a change in the background. */
  changed({ runId }: Run, urgency: Urgency): void {
    if (urgency === "now") {
      void this.#journal?.saveNow(runId);
    } else {
      this.#journal?.saveSoon(runId);
    }
  }

  saveFailureOf({ runId }: Pick<Run, "runId">): SaveResult {
    return this.#journal?.saveFailureOf(runId);
  }

  /** Resolves when all runs are on disk. Without a journal, immediately. */
  async flush(): Promise<void> {
    await this.#journal?.flush();
  }

  #readOnlyFrom(journal: RunJournal): void {
    journal.disown();
    this.#registry.dropAll("another Node-RED uses the runs.");
    this.#readOnly = new ReadOnlyRuns(() => journal.peek(), this.#registry.now);
  }

  #takeOver(journal: RunJournal): void {
    const wasReadOnly = this.#readOnly !== undefined;
    this.#readOnly = undefined;
    this.#journal = journal;
    journal.onSaveFailureChange = (runId) => this.#registry.notify(runId);
    this.#registry.restore(journal.load(), wasReadOnly);
  }
}
