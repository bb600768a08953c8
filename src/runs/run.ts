import type { PipelineError } from "../errors/pipeline-error.ts";
import type { Fact } from "./facts/fact.ts";
import { FactBoard } from "./facts/fact-board.ts";
import { InstanceUse } from "./instances/instance-use.ts";
import { JOURNAL_VERSION, type JournalRun } from "./journal/journal-run.ts";
import type { Saved } from "./journal/run-file.ts";
import { Outcome } from "./outcome.ts";
import { hasReleased, whyClosed } from "./records/closed-instances.ts";
import { claimedInstances, hasFoundRunning } from "./records/left-instances.ts";
import type { RunRecord, RunState, RunTrigger, StepRecord } from "./records/run-record.ts";
import { COMMAND, SELECT, START, STOP } from "./records/step-roles.ts";
import type { RunSurroundings } from "./run-surroundings.ts";
import { Step, type StepIdentity, type StepPast } from "./steps/step.ts";
import type { StepDoor } from "./steps/step-door.ts";
import { StepList } from "./steps/step-list.ts";
import type { StepRun, Urgency } from "./steps/step-run.ts";
import { claimantAt, untilEarlierHavePassed } from "./turns.ts";

/** What a step begins with. */
export interface Beginning extends StepPast {
  readonly afterError?: boolean;
  readonly from?: string | undefined;
}

/** Which run it is. */
export interface RunIdentity {
  readonly runId: string;
  /** Runs that began earlier have the smaller number. */
  readonly order?: number;
  /** Milliseconds since 1970; default now. */
  readonly startedAt?: number;
  readonly trigger?: RunTrigger | undefined;
}

/** How long after it was handed on a message may still be on its way to a step. */
export const STRAGGLERS_MS = 5 * 60_000;

/** One pass of the pipeline: its steps, what they tell each other, and its outcome. */
export class Run implements StepRun<Step> {
  readonly runId: string;
  readonly startedAt: number;
  readonly order: number;
  readonly instances: InstanceUse;
  readonly trigger: RunTrigger | undefined;
  readonly steps = new StepList();
  readonly facts = new FactBoard(() => this.changed("now"));
  readonly #surroundings: RunSurroundings<Run>;
  readonly #outcome = new Outcome();
  #endedAt: number | undefined;
  /** The same by the monotonic clock. */
  #restsSince = 0;
  /** The index of the first step of the current pass. */
  #passFrom = 0;
  /** The disk has the run as it was when its first step began or was resumed, or a later state. */
  #isKept = false;

  constructor({ runId, order = 0, startedAt, trigger }: RunIdentity, surroundings: RunSurroundings<Run>) {
    this.runId = runId;
    this.#surroundings = surroundings;
    this.order = order;
    this.startedAt = startedAt ?? surroundings.now();
    this.trigger = trigger;
    this.instances = new InstanceUse({
      runId,
      leases: surroundings.leases,
      guards: surroundings.guards,
      claimantAt: (nodeId) => claimantAt(nodeId, this, surroundings),
      isOnForARun: surroundings.isOnForARun,
      foundRunning: (instanceId) => hasFoundRunning(this.liveRecord(), instanceId),
      isNeeded: (instanceId) => this.#needs(instanceId),
      isScriptComing: () => this.#isAhead(COMMAND),
      isStopComing: () => this.#isAhead(STOP),
      claimed: () => this.#claimed(),
    });
  }

  /** A run that an earlier process has left; none of its steps works. */
  static restore(kept: JournalRun, surroundings: RunSurroundings<Run>, order: number): Run {
    const run = new Run({ ...kept, order }, surroundings);
    run.#endedAt = kept.endedAt;
    const restsMs = Math.max(0, surroundings.now() - (kept.endedAt ?? 0));
    run.#restsSince = surroundings.monotonicNow() - restsMs;
    run.facts.restore(kept.facts ?? []);
    run.steps.restore(kept.steps.map((step) => Step.restore(run, step)));
    run.#outcome.restore(run.steps.byId(kept.failedStepId), kept);
    run.#passFrom = kept.passFrom ?? 0;
    return run;
  }

  /** Whether no step works. */
  get isOver(): boolean {
    return this.steps.working.length === 0;
  }

  /** Whether a node of the run was deleted or disabled under its work. */
  get isAbandoned(): boolean {
    return this.#outcome.isAbandoned;
  }

  /** Whether the run may be started again: nothing works, waits, or is on its way to a step that is known. */
  get isAtRest(): boolean {
    return this.isOver && this.steps.interrupted.length === 0 && !this.steps.areExpectedSomewhere;
  }

  /** Whether something is still to come: a step works, waits to be taken up again, or a message is on its way to one. */
  get isUnderWay(): boolean {
    return !this.isOver || this.steps.interrupted.length > 0 || this.steps.areExpectingTakeUp;
  }

  get runsUnderWay(): number {
    return this.#surroundings.countUnderWay();
  }

  now(): number {
    return this.#surroundings.now();
  }

  /** When something last happened to the run, as far as is known: a step's start or end. */
  get lastChangeAt(): number {
    return Math.max(this.startedAt, this.steps.lastChangeAt);
  }

  /**
   * Starts a step. In a run that has failed or was aborted it is aborted at once, unless it always runs or `afterError` says that
   * its message comes from a Catch node: then the flow's author has decided to go on.
   */
  begin(identity: StepIdentity, { afterError = false, from, ...past }: Beginning = {}): Step {
    const goesOn = this.#isNewPass || (this.#outcome.isGivenUp && afterError);
    const startsAnew = goesOn && !identity.alwaysRuns;
    if (startsAnew) {
      this.#beginAnew();
    } else if (!this.isUnderWay && !this.#outcome.isGivenUp) {
      this.instances.regain(this.#claimed().filter((id) => this.#needs(id)));
    }
    const step = this.#add(identity, past, from);
    if (startsAnew) {
      for (const old of this.steps) {
        old.leftBehind(step.record.stepId);
      }
    }
    if (this.#outcome.isGivenUp && !step.alwaysRuns) {
      step.abort(this.#outcome.takeOverCatch() ? "canceled" : "sibling failed", this.#outcome.why);
    }
    this.changed("now");
    return step;
  }

  #add({ alwaysRuns, ...identity }: StepIdentity, past: StepPast, from: string | undefined): Step {
    const stepId = `${this.runId}/${this.steps.length + 1}`;
    const record = { stepId, ...identity, startedAt: this.now(), state: "working", ...(from && { from }) } as const;
    const step = new Step(this, record, alwaysRuns, past);
    this.instances.begins(identity.nodeId);
    this.steps.add(step);
    this.#endedAt = undefined;
    return step;
  }

  #beginAnew(): void {
    this.#outcome.clear();
    this.facts.clear();
    this.#passFrom = this.steps.length;
  }

  /** Takes a step up again that was left; its node goes on with it. */
  resume(left: Step, door: StepDoor): void {
    const step = left.again();
    this.#isKept = false;
    this.instances.begins(step.record.nodeId);
    this.steps.replace(left, step);
    this.#endedAt = undefined;
    if (this.#outcome.isGivenUp && !step.alwaysRuns) {
      step.abort(this.#outcome.takeOverCatch() ? "canceled" : "sibling failed", this.#outcome.why);
    } else {
      step.cancelAgain();
    }
    this.changed("now");
    door.resume(step, step.received.again());
  }

  /** A message was handed on: what nobody takes up within some minutes was swallowed by the flow. */
  expectTakeUp(): void {
    // By the moment itself: a clock that was set back, or a timer that is early, must leave nothing behind for ever.
    const at = this.now();
    this.#surroundings.later(STRAGGLERS_MS, () => {
      for (const step of this.steps) {
        step.outbox.expire(at + 1);
      }
    });
  }

  /**
   * Aborts all steps that work, those that clean up excepted, and those that messages on their way come to. One of them reaches
   * Catch, so that the flow can clean up.
   *
   * @returns whether there was one
   */
  abort(reason: string): boolean {
    const steps = this.steps.abortable;
    const isComing = steps.length === 0 && this.isOver && this.steps.areExpectingTakeUp && !this.#outcome.isGivenUp;
    if (steps.length === 0 && !isComing) {
      return false;
    }
    this.#outcome.aborted(reason);
    if (!isComing) {
      this.steps.recallSequences();
    }
    for (const step of steps) {
      step.abort(this.#outcome.takeOverCatch() ? "canceled" : "sibling failed", reason);
    }
    this.changed("now");
    return true;
  }

  /** Ends a run that can't end as it was drawn: its steps are aborted, and the guards of its instances stop them. */
  abandon(reason: string): void {
    this.#outcome.abandoned(reason);
    this.steps.recallSequences();
    for (const step of this.steps.abortable) {
      step.abort("sibling failed", reason);
    }
    this.changed("now");
  }

  /** Begins the steps of these ids again, each with the message that it had received. */
  retry(stepIds: readonly string[]): void {
    this.#beginAnew();
    const { doorOf } = this.#surroundings;
    for (const old of [...this.steps].filter(({ record }) => stepIds.includes(record.stepId))) {
      const step = this.#add(old.identity, old.past, old.record.from);
      const message = old.received.again();
      old.redone(step.record.stepId);
      doorOf(step.record.nodeId)?.resume(step, message);
    }
    this.changed("now");
  }

  async untilEarlierSteps(
    nodeId: string,
    isPassed: (step: StepRecord) => boolean,
    onQueued: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    await untilEarlierHavePassed(this, nodeId, this.#surroundings, { isPassed, onQueued, signal });
  }

  /** A flow may give each of its triggers the same `msg.runId`: what comes so long after the end is no straggler of the pass before. */
  get #isNewPass(): boolean {
    return !this.#isAlive;
  }

  /** Whether a step works, or a message of the run may still be on its way to one. */
  get #isAlive(): boolean {
    return this.#endedAt === undefined || this.#surroundings.monotonicNow() - this.#restsSince < STRAGGLERS_MS;
  }

  abortOthers(failed: Step, error: PipelineError): void {
    this.#outcome.failed(failed);
    this.steps.recallSequences();
    for (const step of this.steps.abortable.filter((other) => other !== failed)) {
      step.abort("sibling failed", `${failed.record.name} of the same run failed: ${error.message}`);
    }
  }

  ended(step: Step): void {
    this.steps.ended(step);
    if (step.abortCause === "canceled" && step.record.state !== "interrupted") {
      this.#outcome.hasToldCatch();
    }
    step.record.endedAt = this.#surroundings.now();
    if (this.isOver) {
      this.#endedAt = step.record.endedAt;
      this.#restsSince = this.#surroundings.monotonicNow();
    }
    this.changed("now");
  }

  tellEveryRun(fact: Fact): void {
    this.#surroundings.tellEveryRun(fact);
  }

  changed(urgency: Urgency): void {
    if (urgency === "now") {
      this.#skipClosed();
    }
    this.#surroundings.onChange(this, urgency);
  }

  whyClosed(step: StepRecord, instanceIds: readonly string[]): string | undefined {
    return whyClosed(step, instanceIds, this.#pass, () => !this.#isAhead(SELECT));
  }

  /** Ends what is about to begin on instances although another branch has come to the end of the run. */
  #skipClosed(): void {
    if (this.#outcome.isGivenUp) {
      return;
    }
    for (const step of this.steps.abortable) {
      const { type, checkpoint } = step.record;
      const isAboutToBegin = type === START || (type === COMMAND && checkpoint?.commandId === undefined);
      if (isAboutToBegin && !step.signal.aborted) {
        const ids = Array.isArray(checkpoint?.instanceIds) ? checkpoint.instanceIds : [];
        const why = this.whyClosed(step.record, ids);
        if (why !== undefined) {
          step.abort("skipped", why);
        }
      }
    }
  }

  #claimed(): string[] {
    const record = this.liveRecord();
    return claimedInstances(record, [record]);
  }

  /** Whether a step of this type works, or one works or gets a message that leads to such a step. */
  #isAhead(type: string): boolean {
    const { doorOf, nodesOfType } = this.#surroundings;
    const nodes = nodesOfType(type);
    const leadsToOne = (nodeId: string): boolean =>
      nodes.some((id) => id === nodeId || doorOf(nodeId)?.leadsTo(id) === true);
    return [...this.steps].some(({ record: { state, nodeId }, outbox }) => {
      const isOpen = state === "working" || state === "interrupted";
      return (isOpen && leadsToOne(nodeId)) || outbox.pending.some(({ to }) => to.some(leadsToOne));
    });
  }

  /** Whether the run needs an instance to stay on: it goes on, or a message may still bring it back, and it has not released it. */
  #needs(instanceId: string): boolean {
    return this.#isAlive && !this.isAbandoned && !hasReleased(this.#pass, instanceId);
  }

  get #pass(): StepRecord[] {
    return [...this.steps].slice(this.#passFrom).map(({ record }) => record);
  }

  /** Resolves when the disk knows of the run as one of its steps begins, or with why it does not. */
  async kept(): Promise<Saved> {
    if (this.#isKept && this.refusal === undefined) {
      return undefined;
    }
    const refusal = await this.saved();
    this.#isKept ||= refusal === undefined;
    return refusal;
  }

  saved(): Promise<Saved> {
    return this.#surroundings.saved(this);
  }

  /** Why the disk does not have the run as it was at the last save. */
  get refusal(): Saved {
    return this.#surroundings.refusalOf(this);
  }

  /** A copy as plain JSON. */
  toRecord(): RunRecord {
    return structuredClone(this.liveRecord());
  }

  /** The same without copying: not to be kept or changed. */
  liveRecord(): RunRecord {
    const { error } = this.#outcome;
    const { refusal } = this;
    return {
      runId: this.runId,
      ...(this.trigger && { trigger: this.trigger }),
      startedAt: this.startedAt,
      state: this.#state(),
      ...(this.#endedAt === undefined || this.isUnderWay ? {} : { endedAt: this.#endedAt }),
      steps: [...this.steps].map((step) => step.record),
      ...(error ? { error } : {}),
      ...(refusal && { notOnDisk: refusal.why }),
    };
  }

  /** As the journal keeps it. */
  toJournal(): JournalRun {
    return {
      version: JOURNAL_VERSION,
      runId: this.runId,
      ...(this.trigger && { trigger: this.trigger }),
      startedAt: this.startedAt,
      ...(this.#endedAt === undefined ? {} : { endedAt: this.#endedAt }),
      ...(this.#passFrom > 0 && { passFrom: this.#passFrom }),
      ...this.#outcome.toJournal(),
      facts: this.facts.toJournal(),
      steps: [...this.steps].map((step) => step.toJournal()),
    };
  }

  #state(): RunState {
    if (this.isOver && this.steps.interrupted.length > 0) {
      return "interrupted";
    }
    return this.#outcome.badState ?? (this.isUnderWay ? "running" : "completed");
  }
}
