import { PipelineError } from "../errors/pipeline-error.ts";
import type { JournalRun } from "../journal/journal-run.ts";
import { Ownership, type OwnershipOptions } from "../journal/lock/ownership.ts";
import { ReadOnlyRuns } from "../journal/read-only-runs.ts";
import type { Urgency } from "../journal/run-file.ts";
import type { RunJournal } from "../journal/run-journal.ts";
import type { SaveResult } from "../journal/save-failures.ts";
import type { SafeCopy } from "../messages/safe-copy.ts";
import { type BlockedActions, blockedActions, LOCKED } from "../records/blocked-actions.ts";
import type { RunRecord } from "../records/run-record.ts";
import { type RunSummary, summarize } from "../records/run-summary.ts";
import type { Run } from "./run.ts";
import { RunList } from "./run-list.ts";
import { RegisteredNodes } from "./steps/registered-node.ts";

/** The lock of a journal that another Node-RED may use, and the receivers of messages about it. */
type GuardedJournalOptions = Pick<OwnershipOptions, "lock" | "warn" | "info">;

/**
 * The runs in memory, on disk, and as records. While another Node-RED owns the journal, its runs are read-only here: until that Node-RED
 * ends, or takes over the journal.
 */
export abstract class StoredRuns {
  readonly all = new RunList();
  readonly nodes = new RegisteredNodes();
  /** Milliseconds since 1970. */
  abstract readonly now: () => number;
  abstract readonly later: (ms: number, callback: () => void) => void;
  #journal: RunJournal | undefined;
  #ownership: Ownership | undefined;
  #readOnly: ReadOnlyRuns | undefined;

  /** Adds the runs of a journal. `isLate`: this Node-RED has taken the journal over from another one. */
  protected abstract restore(saved: readonly JournalRun[], isLate: boolean): void;

  /** Removes all runs from memory, because another Node-RED uses them. */
  protected abstract dropAll(reason: string): void;

  /** A run has changed. */
  abstract notify(runId: string): void;

  /**
   * Restores the runs of a journal, and saves all runs there from now on. Running steps are interrupted, until the runs are resumed.
   *
   * @param guarded - lets one Node-RED at a time use the journal: while another one does, its runs are read-only here
   */
  attach(journal: RunJournal, guarded?: GuardedJournalOptions): void {
    if (!guarded) {
      this.#takeOver(journal);
      return;
    }
    this.#ownership = new Ownership({
      ...guarded,
      later: this.later,
      onOwned: () => this.#takeOver(journal),
      onForeign: () => this.#readOnlyFrom(journal),
    });
  }

  #takeOver(journal: RunJournal): void {
    const wasReadOnly = this.isReadOnly;
    this.#readOnly = undefined;
    this.#journal = journal;
    journal.onSaveFailureChange = (runId) => this.notify(runId);
    this.restore(journal.load(), wasReadOnly);
  }

  #readOnlyFrom(journal: RunJournal): void {
    journal.disown();
    this.dropAll("another Node-RED uses the runs.");
    this.#readOnly = new ReadOnlyRuns(() => journal.peek(), this.now);
  }

  /** Whether another Node-RED owned the journal when this one last checked. */
  protected get isReadOnly(): boolean {
    return this.#readOnly !== undefined;
  }

  /** Whether this Node-RED owns the journal. Takes it over if it is free. */
  protected isOwned(): boolean {
    return this.#ownership?.check() !== false;
  }

  /** @throws PipelineError `RUNS_LOCKED`: another Node-RED uses the runs */
  protected assertOwned(): void {
    this.#ownership?.assertOwned();
  }

  protected add(run: Run): void {
    this.all.add(run);
    this.#journal?.add(run.runId, run);
  }

  /** Removes a run from memory and from the disk. */
  protected remove(runId: string): void {
    this.all.delete(runId);
    this.#journal?.remove(runId);
  }

  /** Resolves when the current state of a run is on disk, or with the reason why it is not. Without a journal, immediately. */
  async save({ runId }: Run): Promise<SaveResult> {
    return this.#journal?.saveNow(runId);
  }

  /** Writes a change in the background. */
  protected saveLater({ runId }: Run, urgency: Urgency): void {
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

  /** All records, not copied: read them in this turn of the event loop only, and don't change them. */
  liveRecords(): RunRecord[] {
    return this.#readOnly?.records() ?? [...this.all].map((run) => run.liveRecord());
  }

  list(): RunRecord[] {
    return this.#readOnly?.records() ?? [...this.all].map((run) => run.toRecord());
  }

  get(runId: string): RunRecord | undefined {
    return this.#readOnly ? this.#readOnly.get(runId) : this.all.get(runId)?.toRecord();
  }

  /** The record of a run, not copied, see {@link liveRecords}. @throws PipelineError `RUN_NOT_FOUND` */
  find(runId: string): RunRecord {
    const record = this.#live(runId);
    if (!record) {
      throw notFound(runId, `There is no run ${runId}.`);
    }
    return record;
  }

  /**
   * The message that a step has received, as it is on disk: without secrets, and without parts that are too large.
   *
   * @param number - the number of the step in its run, from 1
   * @returns undefined when the message was not saved
   * @throws PipelineError `RUN_NOT_FOUND` if the run or the step does not exist
   */
  input(runId: string, number: number): SafeCopy | undefined {
    if (this.#readOnly) {
      return this.#readOnly.input(`${runId}/${number}`);
    }
    const step = this.known(runId).steps.byId(`${runId}/${number}`);
    if (!step) {
      throw notFound(runId, `The run ${runId} has no step ${number}.`);
    }
    return step.received.copy;
  }

  /** A summary of each run. */
  summaries(): RunSummary[] {
    return this.liveRecords().map(summarize);
  }

  /** The summary of a run; undefined if it was removed. */
  summary(runId: string): RunSummary | undefined {
    const record = this.#live(runId);
    return record && summarize(record);
  }

  #live(runId: string): RunRecord | undefined {
    return this.#readOnly ? this.#readOnly.get(runId) : this.all.get(runId)?.liveRecord();
  }

  /** The actions that are not possible for a run now, each with the reason. @throws PipelineError `RUN_NOT_FOUND` */
  blockedActions(runId: string): BlockedActions {
    if (this.#readOnly) {
      return LOCKED;
    }
    const run = this.known(runId);
    return blockedActions(run.liveRecord(), {
      isActive: run.isActive,
      hasNode: (nodeId) => this.nodes.has(nodeId),
      hasMessage: (stepId) => run.steps.byId(stepId)?.received.copy !== undefined,
    });
  }

  protected known(runId: string): Run {
    this.assertOwned();
    const run = this.all.get(runId);
    if (!run) {
      throw notFound(runId, `There is no run ${runId}.`);
    }
    return run;
  }
}

function notFound(runId: string, message: string): PipelineError {
  return new PipelineError("RUN_NOT_FOUND", message, { details: { runId } });
}
