import type { Fact } from "./fact.ts";
import { describeInterruption } from "./interruption.ts";
import type { RunJournal } from "./journal/run-journal.ts";
import { copyMessage } from "./journal/safe-copy.ts";
import { Run, type RunSurroundings } from "./run.ts";
import type { RunRecord } from "./run-record.ts";
import type { Step, StepIdentity, Urgency } from "./step.ts";

/** What {@link RunRegistry} takes. */
export interface RunRegistryOptions {
  readonly now?: () => number;
  /** How many runs that are over are remembered; interrupted ones don't count. Default 200. */
  readonly keep?: number;
  /** For how long a run that is over or interrupted is remembered, in milliseconds. Default 30 days. */
  readonly keepForMs?: number;
}

const THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000;

/** All runs of this Node-RED, the newest last. */
export class RunRegistry {
  readonly #runs = new Map<string, Run>();
  readonly #listeners = new Set<(run: RunRecord) => void>();
  readonly #now: () => number;
  readonly #keep: number;
  readonly #keepForMs: number;
  readonly #surroundings: RunSurroundings;
  #journal: RunJournal | undefined;

  constructor({ now = Date.now, keep = 200, keepForMs = THIRTY_DAYS_MS }: RunRegistryOptions = {}) {
    this.#now = now;
    this.#keep = keep;
    this.#keepForMs = keepForMs;
    this.#surroundings = {
      now,
      onChange: (run, urgency) => this.#changed(run, urgency),
      saved: async (run) => this.#journal?.saveNow(run.runId),
      tellEveryRun: (fact) => this.#tellEveryRun(fact),
    };
  }

  /**
   * Takes over the runs that are on the disk, and keeps all runs there from now on. Steps that were working are interrupted.
   *
   * @returns one text for each interrupted run that the user has not been told of
   */
  attach(journal: RunJournal): string[] {
    const known = [...this.#runs.values()];
    this.#runs.clear();
    for (const kept of journal.load()) {
      this.#runs.set(kept.runId, Run.restore(kept, this.#surroundings));
    }
    for (const run of known) {
      this.#runs.set(run.runId, run);
    }
    this.#journal = journal;
    for (const run of this.#runs.values()) {
      journal.keep(run.runId, () => run.toJournal());
    }
    this.#forgetOldest();
    return this.#warnOfInterruptions();
  }

  /**
   * Starts a step of the run `runId`; a run begins with its first step.
   *
   * @param message - what the step has received: kept in the journal, without secrets, until the step has completed
   */
  begin(runId: string, identity: StepIdentity, afterError = false, message?: unknown): Step {
    let run = this.#runs.get(runId);
    if (!run) {
      this.#forgetOldest(1);
      const created = new Run(runId, this.#surroundings);
      run = created;
      this.#runs.set(runId, created);
      this.#journal?.keep(runId, () => created.toJournal());
    }
    const received = this.#journal && message !== undefined ? copyMessage(message) : undefined;
    return run.begin(identity, afterError, received);
  }

  get(runId: string): RunRecord | undefined {
    return this.#runs.get(runId)?.toRecord();
  }

  list(): RunRecord[] {
    return [...this.#runs.values()].map((run) => run.toRecord());
  }

  /** Resolves when all runs are on the disk; at once without a journal. */
  async flush(): Promise<void> {
    await this.#journal?.flush();
  }

  /** Calls `listener` with each run that changes; the returned function ends that. */
  onChange(listener: (run: RunRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A run that is over has nobody left to tell, unless something outlasts its steps. */
  #tellEveryRun(fact: Fact): void {
    for (const run of this.#runs.values()) {
      if (!run.isOver || run.isListenedTo) {
        run.tell(fact);
      }
    }
  }

  #changed(run: Run, urgency: Urgency): void {
    if (urgency === "now") {
      void this.#journal?.saveNow(run.runId);
    } else {
      this.#journal?.saveSoon(run.runId);
    }
    if (this.#listeners.size === 0) {
      return;
    }
    const record = run.toRecord();
    for (const listener of this.#listeners) {
      listener(record);
    }
  }

  #warnOfInterruptions(): string[] {
    const all = this.list();
    const warnings: string[] = [];
    for (const run of this.#runs.values()) {
      if (run.wantsWarning) {
        warnings.push(describeInterruption(run.toRecord(), all));
        run.warned();
      }
    }
    return warnings;
  }

  /** @param coming - how many runs are about to be added */
  #forgetOldest(coming = 0): void {
    let surplus = this.#runs.size + coming - this.#keep;
    for (const run of [...this.#runs.values()].filter((candidate) => candidate.isOver)) {
      const isOld = run.lastChangeAt < this.#now() - this.#keepForMs;
      const isTooMany = surplus > 0 && !run.isInterrupted;
      if (isOld || isTooMany) {
        surplus -= 1;
        this.#runs.delete(run.runId);
        this.#journal?.forget(run.runId);
      }
    }
  }
}

/** The registry that all nodes of this process share: node sets are separate modules, but the runs span them. */
export const runs = new RunRegistry();
