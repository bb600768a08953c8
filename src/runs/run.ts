import type { PipelineError } from "../errors/pipeline-error.ts";
import type { JournalRun } from "../journal/journal-run.ts";
import type { Urgency } from "../journal/run-file.ts";
import type { SaveResult } from "../journal/save-failures.ts";
import type { SequenceItem, StepRecord } from "../records/run-record.ts";
import { RunInstances } from "./instances/run-instances.ts";
import { LATE_MESSAGE_GRACE_MS, RecordedRun, type RunIdentity } from "./recorded-run.ts";
import { type RunEvent, RunEvents } from "./run-events.ts";
import { ITEM_GRACE_MS } from "./run-list.ts";
import type { RunRegistry } from "./run-registry.ts";
import type { RegisteredNode } from "./steps/registered-node.ts";
import { Step } from "./steps/step.ts";
import { identityOf, type StepIdentity, type StepPast } from "./steps/step-origin.ts";

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

/** One execution of the pipeline: its steps, their events, and the outcome. */
export class Run extends RecordedRun {
  readonly instances: RunInstances;
  readonly events = new RunEvents(() => this.changed("now"));
  /** Whether the state at the start or resume of the latest step, or a later state, is on disk. */
  #isSaved = false;

  constructor(identity: RunIdentity, registry: RunRegistry) {
    super(identity, registry);
    this.instances = new RunInstances(this, registry.instances);
  }

  /** A run of a previous process. None of its steps is running. */
  static restore(saved: JournalRun, registry: RunRegistry, order: number): Run {
    const run = new Run({ ...saved, order }, registry);
    run.endedAt = saved.endedAt;
    run.idleSince = registry.monotonicNow() - Math.max(0, registry.now() - (saved.endedAt ?? 0));
    run.events.restore(saved.events ?? []);
    run.steps.restore(saved.steps.map((step) => Step.restore(run, step)));
    run.outcome.restore(run.steps.byId(saved.failedStepId), saved);
    run.passStart = saved.passStart ?? 0;
    return run;
  }

  /**
   * Starts a step. In a run that has failed or was aborted the step is aborted immediately, unless it always runs, or its message comes
   * from a Catch node (`afterError`): then the flow continues on purpose.
   */
  begin(identity: StepIdentity, { afterError = false, parentStepId, item, ...past }: BeginOptions = {}): Step {
    const continues = !this.isAlive || (this.outcome.isFinal && afterError);
    const startsNewPass = continues && !identity.alwaysRuns;
    if (startsNewPass) {
      this.#startNewPass();
    } else if (!this.isActive && !this.outcome.isFinal) {
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
    this.endedAt = undefined;
    return step;
  }

  #startNewPass(): void {
    this.outcome.clear();
    this.events.clear();
    this.passStart = this.steps.length;
  }

  #abortIfTooLate(step: Step): boolean {
    if (!this.outcome.isFinal || step.alwaysRuns) {
      return false;
    }
    this.#abortStep(step, this.outcome.reason);
    return true;
  }

  /** One of the aborted steps informs Catch. Runs that a step has started for its items end with it. */
  #abortStep(step: Step, reason: string): void {
    step.abort(this.outcome.assignCatch() ? "canceled" : "sibling failed", reason);
    step.sequence.abortOwnRuns(reason);
  }

  /** Resumes an interrupted step in its node. */
  resume(interrupted: Step, node: RegisteredNode): void {
    const step = interrupted.nextAttempt();
    this.#isSaved = false;
    this.instances.stepStarts(step.record.nodeId);
    this.steps.replace(step);
    this.stepChanged(step);
    this.endedAt = undefined;
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
    const isComing = steps.length === 0 && this.isOver && this.steps.hasPending && !this.outcome.isFinal;
    if (steps.length === 0 && !isComing) {
      return false;
    }
    this.outcome.aborted(reason);
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
    this.outcome.abandoned(reason);
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

  /** A step has failed. The other steps are aborted, unless it has a result to send. An item of a sequence may fail: see `maxFailures`. */
  stepFailed(failed: Step, error: PipelineError): void {
    const { item, nodeId } = failed.record;
    if (item && this.steps.byId(item.of)?.sequence.failed(item.index, nodeId, error)) {
      return;
    }
    this.outcome.failed(failed);
    if (failed.record.result !== undefined) {
      return;
    }
    this.steps.recallSequences();
    const reason = `${failed.record.name} of the same run failed: ${error.message}`;
    failed.sequence.abortOwnRuns(`${failed.record.name} has failed: ${error.message}`);
    for (const step of this.steps.abortable.filter((other) => other !== failed)) {
      step.abort("sibling failed", reason);
      step.sequence.abortOwnRuns(reason);
    }
  }

  stepEnded(step: Step): void {
    step.record.endedAt = this.now();
    this.stepChanged(step);
    const { item, nodeId, state } = step.record;
    if (item && state === "completed") {
      this.steps.byId(item.of)?.sequence.recovered(item.index, nodeId);
    }
    if (step.abortCause === "canceled" && step.record.state !== "interrupted") {
      this.outcome.catchInformed();
    }
    if (this.isOver) {
      this.endedAt = step.record.endedAt;
      this.idleSince = this.registry.monotonicNow();
    }
    this.changed("now");
  }

  broadcast(event: RunEvent): void {
    this.registry.broadcast(event);
  }

  changed(urgency: Urgency): void {
    if (urgency === "now" && !this.outcome.isFinal) {
      this.instances.skipReleased();
    }
    this.registry.runChanged(this, urgency);
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
}
