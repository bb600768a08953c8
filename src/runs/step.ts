import { abortedError, PipelineError } from "../errors/pipeline-error.ts";
import type { Fact, FactListener, FactOf } from "./fact.ts";
import type { RecordedError, StepProgress, StepRecord } from "./run-record.ts";

/** Who a step is. */
export interface StepIdentity {
  readonly nodeId: string;
  readonly type: string;
  readonly name: string;
  /** A step that cleans up (stops an instance): it also starts in a run that has failed, and another step's failure does not abort it. */
  readonly alwaysRuns: boolean;
}

/** What a step needs of the run that it belongs to. */
export interface StepRun {
  readonly runId: string;
  isAlive(graceMs: number): boolean;
  tell(fact: Fact): void;
  tellEveryRun(fact: Fact): void;
  onFact<K extends Fact["kind"]>(kind: K, listener: FactListener<K>): () => void;
  onNewFact<K extends Fact["kind"]>(kind: K, listener: FactListener<K>): () => void;
  latestFact<K extends Fact["kind"]>(kind: K): FactOf<K> | undefined;
  changed(): void;
  ended(step: Step): void;
  abortOthers(failed: Step, error: PipelineError): void;
}

/** Why a step is aborted. */
export type AbortCause = "closed" | "sibling failed" | "canceled";

/** One node's work on one message of one run. */
export class Step {
  readonly record: StepRecord;
  readonly alwaysRuns: boolean;
  readonly #run: StepRun;
  readonly #controller = new AbortController();

  constructor(run: StepRun, stepId: string, identity: StepIdentity, startedAt: number) {
    this.#run = run;
    this.alwaysRuns = identity.alwaysRuns;
    const { nodeId, type, name } = identity;
    this.record = { stepId, nodeId, type, name, startedAt, state: "working" };
  }

  get runId(): string {
    return this.#run.runId;
  }

  /** Aborted when the step must stop: its node closes, a sibling failed, or the user cancels. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the step was aborted; undefined while it was not. */
  get abortCause(): AbortCause | undefined {
    const { reason } = this.signal;
    return reason instanceof PipelineError ? (reason.details.cause as AbortCause | undefined) : undefined;
  }

  abort(cause: AbortCause, reason: string): void {
    this.#controller.abort(new PipelineError("ABORTED", `Stopped: ${reason}`, { details: { cause } }));
  }

  /**
   * Whether the step's run goes on: one of its steps works, or has ended less than `graceMs` milliseconds ago, so that the message may
   * be on its way to the next one.
   */
  runIsAlive(graceMs: number): boolean {
    return this.#run.isAlive(graceMs);
  }

  progress(progress: StepProgress): void {
    this.record.progress = progress;
    this.#run.changed();
  }

  /** Tells the other steps of the run. */
  tell(fact: Fact): void {
    this.#run.tell(fact);
  }

  /** Tells all runs: instances don't belong to one. */
  tellEveryRun(fact: Fact): void {
    this.#run.tellEveryRun(fact);
  }

  /** Calls `listener` for each such fact of the run, also for those told earlier; the returned function ends that. */
  onFact<K extends Fact["kind"]>(kind: K, listener: FactListener<K>): () => void {
    return this.#run.onFact(kind, listener);
  }

  /** The same, without those told earlier: for what holds only for a while, such as an instance that was stopped. */
  onNewFact<K extends Fact["kind"]>(kind: K, listener: FactListener<K>): () => void {
    return this.#run.onNewFact(kind, listener);
  }

  /** The run's newest fact of a kind, if any step has told one. */
  latestFact<K extends Fact["kind"]>(kind: K): FactOf<K> | undefined {
    return this.#run.latestFact(kind);
  }

  /** Ends the step well; `result` is what it put on the message. */
  complete(result: Readonly<Record<string, unknown>>): void {
    this.record.result = result;
    this.#end("completed");
  }

  /** Ends the step as failed and aborts the other working steps of its run. */
  fail(error: PipelineError): void {
    this.record.error = recorded(error);
    this.#end("failed");
    this.#run.abortOthers(this, error);
  }

  /** Ends the step as aborted: nobody's failure. */
  drop(error: PipelineError = abortedError(this.signal.reason)): void {
    this.record.error = recorded(error);
    this.#end("aborted");
  }

  /** The first end counts: a handler may drop its own step and then return. */
  #end(state: "completed" | "failed" | "aborted"): void {
    if (this.record.state !== "working") {
      return;
    }
    this.record.state = state;
    this.#run.ended(this);
  }
}

function recorded({ code, message, details }: PipelineError): RecordedError {
  return { code, message, details };
}
