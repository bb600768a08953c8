import type { PipelineError } from "../errors/pipeline-error.ts";
import type { Fact, FactListener, FactOf } from "./fact.ts";
import type { RunRecord } from "./run-record.ts";
import { Step, type StepIdentity, type StepRun } from "./step.ts";

/** What a run needs of the registry that holds it. */
export interface RunSurroundings {
  readonly now: () => number;
  readonly onChange: (run: Run) => void;
  readonly tellEveryRun: (fact: Fact) => void;
}

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

  constructor(runId: string, surroundings: RunSurroundings) {
    this.runId = runId;
    this.#surroundings = surroundings;
    this.startedAt = surroundings.now();
  }

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

  /**
   * Starts a step. In a run that has already failed it is aborted at once, unless it always runs or `afterError` says that its
   * message comes from a Catch node: then the flow's author has decided to go on.
   */
  begin(identity: StepIdentity, afterError: boolean): Step {
    const step = new Step(this, `${this.runId}/${this.#steps.length + 1}`, identity, this.#surroundings.now());
    this.#steps.push(step);
    this.#working.add(step);
    this.#endedAt = undefined;
    if (this.#failure && !identity.alwaysRuns) {
      if (afterError) {
        this.#failure = undefined;
        this.#facts.length = 0;
      } else {
        step.abort("sibling failed", `${this.#failure.record.name} of the same run has failed.`);
      }
    }
    this.changed();
    return step;
  }

  /** Aborts what works in this run, stop steps excepted unless `everything`. */
  abort(reason: string, everything = false): void {
    for (const step of [...this.#working]) {
      if (everything || !step.alwaysRuns) {
        step.abort("canceled", reason);
      }
    }
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
    this.changed();
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

  changed(): void {
    this.#surroundings.onChange(this);
  }

  /** A copy as plain JSON. */
  toRecord(): RunRecord {
    const error = this.#failure?.record.error;
    return structuredClone({
      runId: this.runId,
      startedAt: this.startedAt,
      state: error ? "failed" : this.isOver ? "completed" : "running",
      ...(this.#endedAt === undefined ? {} : { endedAt: this.#endedAt }),
      steps: this.#steps.map((step) => step.record),
      ...(error ? { error } : {}),
    });
  }
}

function isOf<K extends Fact["kind"]>(kind: K): (fact: Fact) => fact is FactOf<K> {
  return (fact): fact is FactOf<K> => fact.kind === kind;
}
