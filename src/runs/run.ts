import type { PipelineError } from "../errors/pipeline-error.ts";
import type { JournalOutcome, JournalRun } from "../journal/journal-run.ts";
import type { Urgency } from "../journal/run-file.ts";
import type { SaveResult } from "../journal/save-failures.ts";
import { RunInstances } from "./instances/run-instances.ts";
import { JournaledRun } from "./journaled-run.ts";
import {
  abortedStep,
  type RunRecord,
  type RunTrigger,
  type SequenceItem,
  type StepRecord,
} from "./records/run-record.ts";
import { type RunEvent, RunEvents } from "./run-events.ts";
import { RunOutcome } from "./run-outcome.ts";
import type { RunRegistry } from "./run-registry.ts";
import { ITEM_GRACE_MS } from "./sequences.ts";
import type { RegisteredNode } from "./steps/registered-node.ts";
import { Step } from "./steps/step.ts";
import { identityOf, type StepIdentity, type StepPast } from "./steps/step-identity.ts";
import { StepList } from "./steps/step-list.ts";

/** The options of a new step. */
interface BeginOptions extends StepPast {
  /** The message comes from a Catch node. */
  readonly afterError?: boolean;
  readonly parentStepId?: string;
  /** The item of a sequence that the message belongs to. */
  readonly item?: SequenceItem;
}

/** Where the message of a step comes from. */
type Origin = Pick<BeginOptions, "parentStepId" | "item">;

/** Identifies a run. */
interface RunIdentity {
  readonly runId: string;
  /** The position of the run: earlier runs have smaller numbers. */
  readonly order: number;
  /** Milliseconds since 1970. Default: now. */
  readonly startedAt?: number;
  readonly trigger?: RunTrigger;
}

/** How long a message may take from one step to the next. */
export const LATE_MESSAGE_GRACE_MS = 5 * 60_000;

/** One execution of the pipeline: its steps, their events, and the outcome. */
export class Run {
  readonly runId: string;
  readonly startedAt: number;
  readonly order: number;
  readonly trigger: RunTrigger | undefined;
  readonly registry: RunRegistry;
  readonly instances: RunInstances;
  readonly steps = new StepList();
  readonly events = new RunEvents(() => this.changed("now"));
  readonly journaled = new JournaledRun(this, () => this.#journaledOutcome);
  readonly #outcome = new RunOutcome();
  #endedAt: number | undefined;
  /** The same by the monotonic clock. */
  #idleSince = 0;
  /** The index of the first step of the current pass. */
  #passStart = 0;
  /** Whether the state at the start or resume of the latest step, or a later state, is on disk. */
  #isSaved = false;

  constructor({ runId, order, startedAt, trigger }: RunIdentity, registry: RunRegistry) {
    this.runId = runId;
    this.registry = registry;
    this.order = order;
    this.startedAt = startedAt ?? registry.now();
    this.trigger = trigger;
    this.instances = new RunInstances(this, registry.instances);
  }

  /** A run of a previous process. None of its steps is running. */
  static restore(saved: JournalRun, registry: RunRegistry, order: number): Run {
    const run = new Run({ ...saved, order }, registry);
    run.#endedAt = saved.endedAt;
    run.#idleSince = registry.monotonicNow() - Math.max(0, registry.now() - (saved.endedAt ?? 0));
    run.events.restore(saved.events ?? []);
    run.steps.restore(saved.steps.map((step) => Step.restore(run, step)));
    run.#outcome.restore(run.steps.byId(saved.failedStepId), saved);
    run.#passStart = saved.passStart ?? 0;
    return run;
  }

  /** Whether no step is running. */
  get isOver(): boolean {
    return !this.steps.hasRunning;
  }

  /** Whether a node was deleted or disabled while the run used it. */
  get isAbandoned(): boolean {
    return this.#outcome.isAbandoned;
  }

  /** Whether the run has failed or was aborted, so that no further steps start. */
  get isFinal(): boolean {
    return this.#outcome.isFinal;
  }

  /** Whether the run may be retried: no step is running or interrupted, and no message is pending for a known node. */
  get isIdle(): boolean {
    return this.isOver && !this.steps.hasInterrupted && !this.steps.hasPendingForKnownNodes;
  }

  /** Whether a step is running or interrupted, or a message is pending. */
  get isActive(): boolean {
    return !this.isOver || this.steps.hasInterrupted || this.steps.hasPending;
  }

  /** When a step last started or ended, in milliseconds since 1970. */
  get lastChangeAt(): number {
    return Math.max(this.startedAt, this.steps.lastChangeAt);
  }

  /**
   * Starts a step. In a run that has failed or was aborted the step is aborted immediately, unless it always runs, or its message comes
   * from a Catch node (`afterError`): then the flow continues on purpose.
   */
  begin(identity: StepIdentity, { afterError = false, parentStepId, item, ...past }: BeginOptions = {}): Step {
    const continues = !this.isAlive || (this.#outcome.isFinal && afterError);
    const startsNewPass = continues && !identity.alwaysRuns;
    if (startsNewPass) {
      this.#startNewPass();
    } else if (!this.isActive && !this.#outcome.isFinal) {
      this.instances.regain();
    }
    const step = this.#add(identity, past, { parentStepId, item });
    if (startsNewPass) {
      for (const old of this.steps) {
        old.supersede(step.record.stepId);
      }
    }
    this.#abortIfTooLate(step);
    this.changed("now");
    return step;
  }

  #add({ alwaysRuns, ...identity }: StepIdentity, past: StepPast, { parentStepId, item }: Origin): Step {
    const stepId = `${this.runId}/${this.steps.length + 1}`;
    const origin = { ...(parentStepId !== undefined && { parentStepId }), ...(item && { item }) };
    const record: StepRecord = { stepId, ...identity, startedAt: this.now(), state: "running", ...origin };
    const step = new Step(this, record, alwaysRuns, past);
    this.instances.stepStarts(identity.nodeId);
    this.steps.add(step);
    this.stepChanged(step);
    this.#endedAt = undefined;
    return step;
  }

  #startNewPass(): void {
    this.#outcome.clear();
    this.events.clear();
    this.#passStart = this.steps.length;
  }

  #abortIfTooLate(step: Step): boolean {
    if (!this.#outcome.isFinal || step.alwaysRuns) {
      return false;
    }
    this.#abortStep(step, this.#outcome.reason);
    return true;
  }

  /** One of the aborted steps informs Catch. */
  #abortStep(step: Step, reason: string): void {
    step.abort(this.#outcome.assignCatch() ? "canceled" : "sibling failed", reason);
  }

  /** Resumes an interrupted step in its node. */
  resume(interrupted: Step, node: RegisteredNode): void {
    const step = interrupted.nextAttempt();
    this.#isSaved = false;
    this.instances.stepStarts(step.record.nodeId);
    this.steps.replace(step);
    this.stepChanged(step);
    this.#endedAt = undefined;
    if (!this.#abortIfTooLate(step)) {
      step.cancelAgain();
    }
    this.changed("now");
    node.resume(step, step.received.restore());
  }

  /** Call it after a message was sent. If the message is still pending after some minutes, the flow has dropped it. */
  expirePendingLater(): void {
    // Compared with the time of the message itself: a clock that was set back, or an early timer, must not leave it pending forever.
    const at = this.now();
    this.registry.later(LATE_MESSAGE_GRACE_MS, () => this.steps.expirePending(at + 1));
    if (this.steps.hasSequences) {
      this.registry.later(ITEM_GRACE_MS, () => this.registry.changes.changed());
    }
  }

  /**
   * Aborts all running steps except those that clean up, and the steps that pending messages start. One of them informs Catch, so that the
   * flow can clean up.
   *
   * @returns whether there was a step to abort
   */
  abort(reason: string): boolean {
    const steps = this.steps.abortable;
    const isComing = steps.length === 0 && this.isOver && this.steps.hasPending && !this.#outcome.isFinal;
    if (steps.length === 0 && !isComing) {
      return false;
    }
    this.#outcome.aborted(reason);
    if (!isComing) {
      this.steps.recallSequences();
    }
    for (const step of steps) {
      this.#abortStep(step, reason);
    }
    this.changed("now");
    return true;
  }

  /** Ends a run if one of its nodes was deleted: its steps are aborted, and the guards stop its instances. */
  abandon(reason: string): void {
    this.#outcome.abandoned(reason);
    this.steps.recallSequences();
    for (const step of this.steps.abortable) {
      step.abort("sibling failed", reason);
    }
    this.changed("now");
  }

  /** Starts steps again, each with the message that it had received. */
  retry(stepIds: readonly string[]): void {
    this.#startNewPass();
    for (const old of [...this.steps].filter(({ record }) => stepIds.includes(record.stepId))) {
      const { parentStepId, item } = old.record;
      const step = this.#add(identityOf(old), old.past, { parentStepId, item });
      step.sequence.continueFrom(old);
      const message = old.received.restore();
      old.markReplaced(step.record.stepId);
      this.registry.nodes.get(step.record.nodeId)?.resume(step, message);
    }
    this.changed("now");
  }

  /**
   * Whether a step is running, or a message of the run may still be on its way to one. Otherwise a message starts a new pass: a flow may
   * use the same `msg.runId` for each trigger.
   */
  get isAlive(): boolean {
    return this.#endedAt === undefined || this.registry.monotonicNow() - this.#idleSince < LATE_MESSAGE_GRACE_MS;
  }

  /** A step has failed. The other steps are aborted, unless it has a result to send. An item of a sequence may fail: see `maxFailures`. */
  stepFailed(failed: Step, error: PipelineError): void {
    const { item, nodeId } = failed.record;
    if (item && this.steps.byId(item.of)?.sequence.failed(item.index, nodeId, error)) {
      return;
    }
    this.#outcome.failed(failed);
    if (failed.record.result !== undefined) {
      return;
    }
    this.steps.recallSequences();
    for (const step of this.steps.abortable.filter((other) => other !== failed)) {
      step.abort("sibling failed", `${failed.record.name} of the same run failed: ${error.message}`);
    }
  }

  /** A step must be written again. Call {@link changed} after it. */
  stepChanged(step: Step): void {
    this.steps.update(step);
    this.journaled.stepChanged(step.record.stepId);
  }

  stepEnded(step: Step): void {
    step.record.endedAt = this.now();
    this.stepChanged(step);
    const { item, nodeId, state } = step.record;
    if (item && state === "completed") {
      this.steps.byId(item.of)?.sequence.recovered(item.index, nodeId);
    }
    if (step.abortCause === "canceled" && step.record.state !== "interrupted") {
      this.#outcome.catchInformed();
    }
    if (this.isOver) {
      this.#endedAt = step.record.endedAt;
      this.#idleSince = this.registry.monotonicNow();
    }
    this.changed("now");
  }

  now(): number {
    return this.registry.now();
  }

  broadcast(event: RunEvent): void {
    this.registry.broadcast(event);
  }

  changed(urgency: Urgency): void {
    if (urgency === "now" && !this.#outcome.isFinal) {
      this.instances.skipReleased();
    }
    this.registry.runChanged(this, urgency);
  }

  /** The steps of the current pass. */
  get currentPass(): StepRecord[] {
    return [...this.steps].slice(this.#passStart).map(({ record }) => record);
  }

  /** Resolves when the state at the start of the latest step, or a later state, is on disk, or with the reason why it is not. */
  async ensureSaved(): Promise<SaveResult> {
    if (this.#isSaved && this.registry.saveFailureOf(this) === undefined) {
      return undefined;
    }
    const failure = await this.save();
    this.#isSaved ||= failure === undefined;
    return failure;
  }

  /** Resolves when the current state of the run is on disk, or with the reason why it is not. */
  readonly save = (): Promise<SaveResult> => this.registry.save(this);

  /** A copy of the run as plain JSON. */
  toRecord(): RunRecord {
    return structuredClone(this.liveRecord());
  }

  /** The record, not copied: don't store or change it. */
  liveRecord(): RunRecord {
    const steps = [...this.steps].map((step) => step.record);
    const aborted = this.isActive ? undefined : abortedStep(steps);
    const error = this.#outcome.error ?? aborted?.error;
    const isInterrupted = this.isOver && this.steps.hasInterrupted;
    const state = this.#outcome.state ?? (this.isActive ? "running" : aborted ? "aborted" : "completed");
    const failure = this.registry.saveFailureOf(this);
    return {
      runId: this.runId,
      ...(this.trigger && { trigger: this.trigger }),
      startedAt: this.startedAt,
      state: isInterrupted ? "interrupted" : state,
      ...(this.#endedAt !== undefined && !this.isActive && { endedAt: this.#endedAt }),
      steps,
      ...(error && { error }),
      ...(failure && { unsavedReason: failure.why }),
    };
  }

  get #journaledOutcome(): JournalOutcome {
    const passStart = this.#passStart > 0 ? this.#passStart : undefined;
    return { endedAt: this.#endedAt, passStart, ...this.#outcome.toJournal() };
  }
}
