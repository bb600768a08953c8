import { abortedError, PipelineError } from "../errors/pipeline-error.ts";
import type { Fact, FactListener, FactOf } from "./fact.ts";
import type { JournalStep } from "./journal/journal-run.ts";
import { maskSecrets } from "./journal/mask-secrets.ts";
import { type SafeCopy, safeObject } from "./journal/safe-copy.ts";
import type { RecordedError, StepProgress, StepRecord, StepState } from "./run-record.ts";

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
  /** `soon`: may wait a second on its way to the disk, or be lost. */
  changed(urgency: Urgency): void;
  /** Resolves when the run is on the disk as it is now. */
  saved(): Promise<void>;
  ended(step: Step): void;
  abortOthers(failed: Step, error: PipelineError): void;
}

/** Whether a change may wait on its way to the disk. */
export type Urgency = "now" | "soon";

/** Why a step is aborted: its flow was stopped, its node was deleted or disabled, and so on. */
export type AbortCause = "closed" | "removed" | "sibling failed" | "canceled";

/** One node's work on one message of one run. */
export class Step {
  readonly record: StepRecord;
  readonly alwaysRuns: boolean;
  readonly #run: StepRun;
  readonly #controller = new AbortController();
  #received: SafeCopy | undefined;
  #journaled: JournalStep | undefined;

  /** @param received - the message, for the journal */
  constructor(run: StepRun, record: StepRecord, alwaysRuns: boolean, received?: SafeCopy) {
    this.#run = run;
    this.record = record;
    this.alwaysRuns = alwaysRuns;
    this.#received = received;
  }

  /** A step that an earlier process has left: if it was working, it was interrupted. */
  static restore(run: StepRun, kept: JournalStep): Step {
    const { alwaysRuns, message, leftOut = [], ...record } = kept;
    const state = record.state === "working" ? "interrupted" : record.state;
    const received = message === undefined ? undefined : { value: message, leftOut };
    return new Step(run, { ...record, state }, alwaysRuns, received);
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

  /** Whether the step was aborted because its node closed: what it has begun elsewhere goes on without us. */
  get isClosed(): boolean {
    return this.abortCause === "closed" || this.abortCause === "removed";
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
    this.#run.changed("soon");
  }

  /**
   * Records the ids of work that the step has begun elsewhere, or is about to begin; with them it is found again after a crash.
   * Resolves when they are on the disk. A disk that refuses them is no failure of the step.
   */
  async checkpoint(ids: Readonly<Record<string, unknown>>): Promise<void> {
    this.record.checkpoint = { ...this.record.checkpoint, ...ids };
    this.#run.changed("now");
    await this.#run.saved();
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

  /**
   * Ends the step well; `result` is what it put on the message. A copy is kept, without secrets: the flow may do anything to the
   * message afterwards.
   */
  complete(result: Readonly<Record<string, unknown>>): void {
    this.record.result = safeObject(result);
    this.#end("completed");
  }

  /** Ends the step as failed and aborts the other working steps of its run. */
  fail(error: PipelineError): void {
    this.record.error = recorded(error);
    this.#end("failed");
    this.#run.abortOthers(this, error);
  }

  /** Ends the step as aborted, or as interrupted when its flow was stopped under it: nobody's failure. */
  drop(error: PipelineError = abortedError(this.signal.reason)): void {
    this.record.error = recorded(error);
    this.#end(this.abortCause === "closed" ? "interrupted" : "aborted");
  }

  /** An interrupted step whose node was triggered again is nobody's concern any more. */
  redone(redoneBy: string): void {
    this.record.redoneBy = redoneBy;
    this.#received = undefined;
    this.#journaled = undefined;
  }

  /** The step as the journal keeps it: without secrets, and with the message unless the step needs it no more. */
  toJournal(): JournalStep {
    if (this.#journaled) {
      return this.#journaled;
    }
    const { progress, checkpoint, error, ...record } = this.record;
    const kept = {
      ...record,
      ...(progress && { progress: safeObject(progress as Record<string, unknown>) }),
      ...(checkpoint && { checkpoint: safeObject(checkpoint) }),
      ...(error && { error: safeError(error) }),
      alwaysRuns: this.alwaysRuns,
      ...(this.#received ? { message: this.#received.value, leftOut: this.#received.leftOut } : {}),
    };
    if (record.state !== "working") {
      this.#journaled = kept;
    }
    return kept;
  }

  /** The first end counts: a handler may drop its own step and then return. */
  #end(state: Exclude<StepState, "working">): void {
    if (this.record.state !== "working") {
      return;
    }
    this.record.state = state;
    if (state === "completed") {
      this.#received = undefined;
    }
    this.#run.ended(this);
  }
}

/** A message is one to three sentences; longer ones quote what a service answered. */
const LONGEST_MESSAGE = 4000;

function safeError({ code, message, details }: RecordedError): RecordedError {
  return { code, message: maskSecrets(message.slice(0, LONGEST_MESSAGE)), details: safeObject(details) };
}

function recorded({ code, message, details }: PipelineError): RecordedError {
  return { code, message, details };
}
