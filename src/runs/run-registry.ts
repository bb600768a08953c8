import type { Fact } from "./fact.ts";
import { Run } from "./run.ts";
import type { RunRecord } from "./run-record.ts";
import type { Step, StepIdentity } from "./step.ts";

/** What {@link RunRegistry} takes. */
export interface RunRegistryOptions {
  readonly now?: () => number;
  /** How many runs that are over are remembered. Default 200. */
  readonly keep?: number;
}

/** All runs of this Node-RED, the newest last. */
export class RunRegistry {
  readonly #runs = new Map<string, Run>();
  readonly #listeners = new Set<(run: RunRecord) => void>();
  readonly #now: () => number;
  readonly #keep: number;

  constructor({ now = Date.now, keep = 200 }: RunRegistryOptions = {}) {
    this.#now = now;
    this.#keep = keep;
  }

  /** Starts a step of the run `runId`; a run begins with its first step. */
  begin(runId: string, identity: StepIdentity, afterError = false): Step {
    let run = this.#runs.get(runId);
    if (!run) {
      run = new Run(runId, {
        now: this.#now,
        onChange: (changed) => this.#publish(changed),
        tellEveryRun: (fact) => this.#tellEveryRun(fact),
      });
      this.#runs.set(runId, run);
      this.#forgetOldest();
    }
    return run.begin(identity, afterError);
  }

  get(runId: string): RunRecord | undefined {
    return this.#runs.get(runId)?.toRecord();
  }

  list(): RunRecord[] {
    return [...this.#runs.values()].map((run) => run.toRecord());
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

  #publish(run: Run): void {
    if (this.#listeners.size === 0) {
      return;
    }
    const record = run.toRecord();
    for (const listener of this.#listeners) {
      listener(record);
    }
  }

  #forgetOldest(): void {
    let surplus = this.#runs.size - this.#keep;
    for (const [runId, run] of this.#runs) {
      if (surplus <= 0) {
        return;
      }
      if (run.isOver) {
        this.#runs.delete(runId);
        surplus -= 1;
      }
    }
  }
}

/** The registry that all nodes of this process share: node sets are separate modules, but the runs span them. */
export const runs = new RunRegistry();
