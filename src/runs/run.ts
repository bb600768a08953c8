import type { PipelineError } from "../errors/pipeline-error.ts";
import type { Fact, FactListener, FactOf } from "./fact.ts";
import { JOURNAL_VERSION, type JournalRun } from "./journal/journal-run.ts";
import type { SafeCopy } from "./journal/safe-copy.ts";
import type { RunRecord, RunState } from "./run-record.ts";
import { Step, type StepIdentity, type StepRun, type Urgency } from "./step.ts";

/** What a run needs of the registry that holds it. */
export interface RunSurroundings {
  readonly now: () => number;
  readonly onChange: (run: Run, urgency: Urgency) => void;
  /** Resolves when the run is on the disk as it is now. */
  readonly saved: (run: Run) => Promise<void>;
  readonly tellEveryRun: (fact: Fact) => void;
}

/** How long after the end of a run a message of it may still be on its way to a step. */
const STRAGGLERS_MS = 5 * 60_000;

/** One pass of the pipeline: its steps, what they tell each other, and its outcome. */
export class Run implements StepRun {
  readonly runId: string;
  readonly startedAt: number;
  readonly #surroundings: RunSurroundings;
  readonly #steps: Step[] = [];
  readonly #working = new Set<Step>();
  readonly #facts: Fact[] = [];
  readonly #factListeners = new Set<(fact: Fact) => void>();
  #failure: Step | undefined;
  #endedAt: number | undefined;
  #warnedAt: number | undefined;
  #isRestored = false;

  constructor(runId: string, surroundings: RunSurroundings, startedAt = surroundings.now()) {
    this.runId = runId;
    this.#surroundings = surroundings;
    this.startedAt = startedAt;
  }

  /** A run that an earlier process has left; none of its steps works. */
  static restore(kept: JournalRun, surroundings: RunSurroundings): Run {
    const run = new Run(kept.runId, surroundings, kept.startedAt);
    run.#isRestored = true;
    run.#endedAt = kept.endedAt;
    run.#warnedAt = kept.warnedAt;
    run.#steps.push(...kept.steps.map((step) => Step.restore(run, step)));
    run.#failure = run.#steps.find(({ record }) => record.stepId === kept.failedStepId && record.error);
    return run;
  }

  /** Whether no step works. */
  get isOver(): boolean {
    return this.#working.size === 0;
  }

  /** Whether somebody wants to hear facts; that may outlast the steps. */
  get isListenedTo(): boolean {
    return this.#factListeners.size > 0;
  }

  isAlive(graceMs: number): boolean {
    return this.#endedAt === undefined || this.#surroundings.now() - this.#endedAt < graceMs;
  }

  /** Whether a step was interrupted, and its node was not triggered again since. */
  get isInterrupted(): boolean {
    return this.#interrupted.length > 0;
  }

  get #interrupted(): Step[] {
    return this.#steps.filter(({ record }) => record.state === "interrupted" && record.redoneBy === undefined);
  }

  /** Whether the user is still to be told that the run was interrupted. */
  get wantsWarning(): boolean {
    return this.isOver && this.isInterrupted && this.#warnedAt === undefined;
  }

  /** When something last happened to the run, as far as is known: a step's start or end. */
  get lastChangeAt(): number {
    return Math.max(this.startedAt, ...this.#steps.map(({ record }) => record.endedAt ?? record.startedAt));
  }

  /** The user has been told that the run was interrupted. */
  warned(): void {
    this.#warnedAt = this.#surroundings.now();
    this.changed("now");
  }

  /**
   * Starts a step. In a run that has already failed it is aborted at once, unless it always runs or `afterError` says that its
   * message comes from a Catch node: then the flow's author has decided to go on. So has the user who triggers a step of a run that
   * a restart has interrupted.
   */
  begin({ alwaysRuns, ...identity }: StepIdentity, afterError: boolean, received?: SafeCopy): Step {
    const startedAt = this.#surroundings.now();
    const isWanted = afterError || (this.#isRestored && this.isOver && this.isInterrupted);
    const startsAnew = this.#isNewPass(startedAt) || (this.#failure !== undefined && isWanted);
    const stepId = `${this.runId}/${this.#steps.length + 1}`;
    for (const earlier of this.#interrupted.filter(({ record }) => record.nodeId === identity.nodeId)) {
      earlier.redone(stepId);
    }
    const step = new Step(this, { stepId, ...identity, startedAt, state: "working" }, alwaysRuns, received);
    this.#steps.push(step);
    this.#working.add(step);
    this.#endedAt = undefined;
    this.#warnedAt = undefined;
    if (startsAnew && !alwaysRuns) {
      this.#failure = undefined;
      this.#facts.length = 0;
    } else if (this.#failure && !alwaysRuns) {
      step.abort("sibling failed", `${this.#failure.record.name} of the same run has failed.`);
    }
    this.changed("now");
    return step;
  }

  /** A flow may give each of its triggers the same `msg.runId`: what comes so long after the end is no straggler of the pass before. */
  #isNewPass(now: number): boolean {
    return this.#endedAt !== undefined && now - this.#endedAt >= STRAGGLERS_MS;
  }

  abortOthers(failed: Step, error: PipelineError): void {
    this.#failure ??= failed;
    for (const step of [...this.#working]) {
      if (!step.alwaysRuns) {
        step.abort("sibling failed", `${failed.record.name} of the same run failed: ${error.message}`);
      }
    }
  }

  ended(step: Step): void {
    this.#working.delete(step);
    step.record.endedAt = this.#surroundings.now();
    if (this.isOver) {
      this.#endedAt = step.record.endedAt;
    }
    this.changed("now");
  }

  tell(fact: Fact): void {
    this.#facts.push(fact);
    for (const listener of [...this.#factListeners]) {
      listener(fact);
    }
  }

  tellEveryRun(fact: Fact): void {
    this.#surroundings.tellEveryRun(fact);
  }

  onFact<K extends Fact["kind"]>(kind: K, listener: FactListener<K>): () => void {
    for (const fact of this.#facts.filter(isOf(kind))) {
      listener(fact);
    }
    return this.onNewFact(kind, listener);
  }

  onNewFact<K extends Fact["kind"]>(kind: K, listener: FactListener<K>): () => void {
    const filtered = (fact: Fact): void => {
      if (isOf(kind)(fact)) {
        listener(fact);
      }
    };
    this.#factListeners.add(filtered);
    return () => this.#factListeners.delete(filtered);
  }

  latestFact<K extends Fact["kind"]>(kind: K): FactOf<K> | undefined {
    return this.#facts.findLast(isOf(kind));
  }

  changed(urgency: Urgency): void {
    this.#surroundings.onChange(this, urgency);
  }

  saved(): Promise<void> {
    return this.#surroundings.saved(this);
  }

  /** A copy as plain JSON. */
  toRecord(): RunRecord {
    const error = this.#failure?.record.error;
    return structuredClone({
      runId: this.runId,
      startedAt: this.startedAt,
      state: this.#state(),
      ...(this.#endedAt === undefined || this.isInterrupted ? {} : { endedAt: this.#endedAt }),
      steps: this.#steps.map((step) => step.record),
      ...(error ? { error } : {}),
    });
  }

  /** As the journal keeps it. */
  toJournal(): JournalRun {
    return {
      version: JOURNAL_VERSION,
      runId: this.runId,
      startedAt: this.startedAt,
      ...(this.#endedAt === undefined ? {} : { endedAt: this.#endedAt }),
      ...(this.#warnedAt === undefined ? {} : { warnedAt: this.#warnedAt }),
      ...(this.#failure ? { failedStepId: this.#failure.record.stepId } : {}),
      steps: this.#steps.map((step) => step.toJournal()),
    };
  }

  #state(): RunState {
    if (this.isOver && this.isInterrupted) {
      return "interrupted";
    }
    return this.#failure ? "failed" : this.isOver ? "completed" : "running";
  }
}

function isOf<K extends Fact["kind"]>(kind: K): (fact: Fact) => fact is FactOf<K> {
  return (fact): fact is FactOf<K> => fact.kind === kind;
}
