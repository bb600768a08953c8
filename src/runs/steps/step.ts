import { abortedError, type PipelineError } from "../../errors/pipeline-error.ts";
import type { JournalStep } from "../../journal/journal-run.ts";
import type { Urgency } from "../../journal/run-file.ts";
import type { SaveResult } from "../../journal/save-failures.ts";
import { ReceivedMessage } from "../../messages/received-message.ts";
import { recordError } from "../../messages/recorded-error.ts";
import { safeObject } from "../../messages/safe-copy.ts";
import type { RecordedError, StepRecord, StepState } from "../../records/run-record.ts";
import { type UploadsLeft, uploadsLeft } from "../../records/uploads-left.ts";
import type { RunInstances } from "../instances/run-instances.ts";
import type { Run } from "../run.ts";
import type { RunEvent, RunEvents } from "../run-events.ts";
import { Outbox, type Outlet, type SentAs } from "./outbox.ts";
import { RecordedStep } from "./recorded-step.ts";
import { SequenceItems } from "./sequence-items.ts";
import { type AbortCause, StepAbort } from "./step-abort.ts";
import { fromJournal, type StepPast, toJournal } from "./step-origin.ts";
import { leadToUpload } from "./steps-ahead.ts";

/** One node's work on one message of one run. */
export class Step extends RecordedStep {
  readonly received: ReceivedMessage;
  /** What the step has sent, and which nodes have not received it yet. */
  readonly outbox: Outbox;
  /** What the step sends, if it sends a sequence. */
  readonly sequence: SequenceItems;
  readonly #abort: StepAbort;
  /** Whether the step must continue after a restart, because its flow was stopped before it could send. */
  #isSendMissing = false;
  readonly #createdAt = performance.now();
  /** How long the step ran in previous processes, in milliseconds. */
  readonly #earlierMs: number;

  constructor(
    run: Run,
    record: StepRecord,
    alwaysRuns: boolean,
    { received, live, outbox, timed, receivedItems, items, cancelReason }: StepPast = {},
  ) {
    super(run, record, alwaysRuns);
    this.#abort = new StepAbort(cancelReason);
    this.#earlierMs = record.resumeCount === undefined ? 0 : Math.max(0, run.now() - record.startedAt);
    this.received = new ReceivedMessage(received, live);
    this.outbox = new Outbox(outbox, () => this.changed("now"), { timed, receivedItems });
    this.sequence = new SequenceItems(this, run, () => this.changed("soon"), items);
  }

  /** A step of a previous process. If it was running, it is interrupted now. */
  static restore(run: Run, saved: JournalStep): Step {
    const { record, alwaysRuns, past } = fromJournal(saved);
    return new Step(run, record, alwaysRuns, past);
  }

  /** Returns the running step that replaces this one and continues from its checkpoint. This one no longer has any effect. */
  nextAttempt(): Step {
    const { endedAt: _endedAt, error: _error, progress: _progress, ...record } = this.record;
    const resumeCount = (record.resumeCount ?? 0) + 1;
    const past = {
      ...this.past,
      outbox: this.outbox.toJournal(),
      timed: this.outbox.timed,
      receivedItems: this.outbox.receivedItems,
      items: this.sequence.all,
      cancelReason: this.#abort.cancelReason,
    };
    return new Step(this.run, { ...record, state: "running", resumeCount }, this.alwaysRuns, past);
  }

  /** The messages of a step that replaces this one. */
  get past(): StepPast {
    return { received: this.received.copy, live: this.received.live };
  }

  /** The first failure of the run, or why it was aborted. */
  get runError(): RecordedError | undefined {
    return this.run.liveRecord().error;
  }

  /** How long the step has been running, in this process and in previous ones, in milliseconds. */
  get elapsedMs(): number {
    return this.#earlierMs + performance.now() - this.#createdAt;
  }

  /** The uploads of the run that the step may wait for. */
  get uploads(): UploadsLeft {
    const { steps, currentPass, registry } = this.run;
    const all = [...steps].map(({ record }) => record);
    const isMoreToCome = leadToUpload(steps, registry.nodes);
    const haveAllBegun = !isMoreToCome || !leadToUpload(steps, registry.nodes, { withoutSent: true });
    return uploadsLeft(this.record, { all, currentPass, isMoreToCome, haveAllBegun });
  }

  /** The run's use of instances. */
  get instances(): RunInstances {
    return this.run.instances;
  }

  /**
   * Resolves when all runs that started earlier have passed this step's node: their steps in it have ended, or `isPassed` returns true for
   * them. Calls `onQueued` if the step has to wait. Rejects when the step is aborted, as all waits do.
   */
  async waitForEarlierRuns(isPassed: (step: StepRecord) => boolean, onQueued: () => void): Promise<void> {
    const { registry, order } = this.run;
    const { all, changes } = registry;
    const isFirst = (): boolean => all.firstAtNode(this.record.nodeId, isPassed, changes.version) >= order;
    await this.waitUntil(isFirst, onQueued);
  }

  /**
   * Resolves as soon as `isReady` returns true for the steps of this run, without those of earlier passes. Calls `onWaiting` if the step
   * has to wait.
   */
  async waitForSteps(isReady: (steps: readonly StepRecord[]) => boolean, onWaiting: () => void): Promise<void> {
    await this.waitUntil(() => isReady(this.run.currentPass), onWaiting);
  }

  /** Resolves as soon as `isReady` returns true after a change of any run. Calls `onWaiting` if the step has to wait. */
  async waitUntil(isReady: () => boolean, onWaiting = (): void => {}): Promise<void> {
    if (!isReady()) {
      onWaiting();
    }
    while (!isReady()) {
      await this.run.registry.changes.changedTo(isReady, this.signal);
    }
  }

  /**
   * Records that a message leaves the step for the nodes `to`.
   *
   * @returns false if the step must not send it: an earlier attempt has sent it, or the node was deleted
   */
  recordSend(outlet: Outlet, message: unknown, to: readonly string[], as: SentAs = {}): boolean {
    if (this.outbox.has(outlet, as.item)) {
      return false;
    }
    if (this.run.registry.areFlowsStopping) {
      // The next node may be closed already: the message would be lost.
      this.abort("closed", "the flow was stopped or redeployed.");
    }
    if (this.isClosed || this.abortCause === "removed") {
      this.#isSendMissing ||= this.isClosed;
      return false;
    }
    // After a failure or an abort, a sequence will not become complete.
    const expected = as.isCollected && this.run.isFinal ? [] : to;
    this.outbox.put(outlet, message, expected, this.run.now(), as);
    if (expected.length > 0) {
      this.run.expirePendingLater();
    }
    return true;
  }

  /** Records that a pending message is sent again. */
  recordRedelivery(outlet: Outlet, item?: number): void {
    if (this.outbox.redeliver(outlet, this.run.now(), item)) {
      this.run.expirePendingLater();
    }
  }

  /** Aborted when the step must stop: its node closes, another step has failed, the user cancels. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Why the step was aborted; undefined if it was not. */
  get abortCause(): AbortCause | undefined {
    return this.#abort.cause;
  }

  /** Whether the step was aborted because its flow was stopped or redeployed: its remote work continues. */
  get isClosed(): boolean {
    return this.abortCause === "closed";
  }

  abort(cause: AbortCause, reason: string): void {
    this.#abort.abort(cause, reason);
  }

  /** Cancels the step for a user. Resolves when that is on disk, or with the reason why it is not. */
  async cancel(reason: string): Promise<SaveResult> {
    this.#abort.cancel(reason);
    this.changed("now");
    return await this.run.save();
  }

  /** Repeats a cancellation of a previous process. */
  cancelAgain(): void {
    this.#abort.cancelAgain();
  }

  /** The events that the steps of the run emit for each other. */
  get events(): RunEvents {
    return this.run.events;
  }

  /** Emits an event in all runs, because they share instances. */
  broadcast(event: RunEvent): void {
    this.run.broadcast(event);
  }

  /**
   * Completes the step. `result` is what the step has put on the message. The record gets a copy without secrets, because the flow may
   * change the message afterwards.
   */
  complete(result: Readonly<Record<string, unknown>>): void {
    if (this.#dropIfSendIsMissing()) {
      return;
    }
    this.record.result = safeObject(result);
    this.#end("completed");
  }

  /** Fails the step and aborts the other running steps of its run. */
  fail(error: PipelineError): void {
    if (this.#dropIfSendIsMissing()) {
      return;
    }
    this.record.error = recordError(error);
    // First, so that the other steps see a failure and not the end of this step.
    this.run.stepFailed(this, error);
    this.#end("failed");
  }

  /** A step that could not send, because its flow was stopped, continues after the restart. */
  #dropIfSendIsMissing(): boolean {
    if (this.#isSendMissing) {
      this.drop();
    }
    return this.#isSendMissing;
  }

  /** Fails the step, and with it the run, but sends its result: the flow continues, and Catch is not informed. */
  failWithResult(error: PipelineError, result: Readonly<Record<string, unknown>>): void {
    this.record.result = safeObject(result);
    this.fail(error);
  }

  /** Ends the step without a failure: as skipped, as aborted, or as interrupted when its flow was stopped. */
  drop(error: PipelineError = abortedError(this.signal.reason)): void {
    this.record.error = recordError(error);
    if (this.abortCause === "removed") {
      this.run.abandon(error.message.replace(/^Stopped: /, ""));
    }
    this.#end(this.isClosed ? "interrupted" : this.abortCause === "skipped" ? "skipped" : "aborted");
  }

  /** Ends an interrupted step whose node was deleted. */
  abortWithoutNode(reason: string): void {
    this.record.state = "aborted";
    this.record.error = recordError(abortedError(reason));
    this.run.stepEnded(this);
  }

  /** A retry of the run has replaced this step. */
  markReplaced(replacedBy: string): void {
    this.record.replacedBy = replacedBy;
    this.received.release();
    this.outbox.expire(Number.POSITIVE_INFINITY);
    this.changed("now");
  }

  /** The flow has continued with another step after the failure of this one, so that it can't be retried. */
  supersede(replacedBy: string): void {
    const { state } = this.record;
    if (this.record.replacedBy === undefined && (state === "failed" || state === "aborted")) {
      this.record.replacedBy = replacedBy;
      this.changed("now");
    }
  }

  toJournal(): JournalStep {
    return toJournal(this, this.#abort.cancelReason);
  }

  /** Only the first call has an effect: a handler may drop its own step and then return. */
  #end(state: Exclude<StepState, "running">): void {
    if (this.record.state !== "running") {
      return;
    }
    this.record.state = state;
    if (state === "completed") {
      this.sequence.clear();
      this.received.release();
    }
    this.run.stepEnded(this);
  }

  protected changed(urgency: Urgency): void {
    this.run.stepChanged(this);
    this.run.changed(urgency);
  }
}
