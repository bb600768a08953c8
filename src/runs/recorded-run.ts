import {
  JOURNAL_VERSION,
  type JournalChange,
  type JournalOutcome,
  type JournalRun,
  type JournalSource,
} from "../journal/journal-run.ts";
import { abortedStep, type RunRecord, type RunTrigger, type StepRecord } from "../records/run-record.ts";
import type { RunEvents } from "./run-events.ts";
import { RunOutcome } from "./run-outcome.ts";
import type { RunRegistry } from "./run-registry.ts";
import type { Step } from "./steps/step.ts";
import { StepList } from "./steps/step-list.ts";

/** How long a message may take from one step to the next. */
export const LATE_MESSAGE_GRACE_MS = 5 * 60_000;

/** Identifies a run. */
export interface RunIdentity {
  readonly runId: string;
  /** The position of the run: earlier runs have smaller numbers. */
  readonly order: number;
  /** Milliseconds since 1970. Default: now. */
  readonly startedAt?: number;
  readonly trigger?: RunTrigger;
}

/** The record of a run: its state, as other modules and the journal read it. */
export abstract class RecordedRun implements JournalSource {
  readonly runId: string;
  readonly startedAt: number;
  readonly order: number;
  readonly trigger: RunTrigger | undefined;
  readonly registry: RunRegistry;
  readonly steps = new StepList();
  protected readonly outcome = new RunOutcome();
  protected endedAt: number | undefined;
  /** The same by the monotonic clock. */
  protected idleSince = 0;
  /** The index of the first step of the current pass. */
  protected passStart = 0;
  abstract readonly events: RunEvents;
  /** The ids of the steps that have changed since the journal has read them. */
  readonly #changed = new Set<string>();

  constructor({ runId, order, startedAt, trigger }: RunIdentity, registry: RunRegistry) {
    this.runId = runId;
    this.registry = registry;
    this.order = order;
    this.startedAt = startedAt ?? registry.now();
    this.trigger = trigger;
  }

  now(): number {
    return this.registry.now();
  }

  /** Whether no step is running. */
  get isOver(): boolean {
    return !this.steps.hasRunning;
  }

  /** Whether a node was deleted or disabled while the run used it. */
  get isAbandoned(): boolean {
    return this.outcome.isAbandoned;
  }

  /** Whether the run has failed or was aborted, so that no further steps start. */
  get isFinal(): boolean {
    return this.outcome.isFinal;
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
   * Whether a step is running, or a message of the run may still be on its way to one. Otherwise a message starts a new pass: a flow may
   * use the same `msg.runId` for each trigger.
   */
  get isAlive(): boolean {
    return this.endedAt === undefined || this.registry.monotonicNow() - this.idleSince < LATE_MESSAGE_GRACE_MS;
  }

  /** The steps of the current pass. */
  get currentPass(): StepRecord[] {
    return [...this.steps].slice(this.passStart).map(({ record }) => record);
  }

  /** A copy of the run as plain JSON. */
  toRecord(): RunRecord {
    return structuredClone(this.liveRecord());
  }

  /** The record, not copied: don't store or change it. */
  liveRecord(): RunRecord {
    const steps = [...this.steps].map((step) => step.record);
    const aborted = this.isActive ? undefined : abortedStep(steps);
    const error = this.outcome.error ?? aborted?.error;
    const isInterrupted = this.isOver && this.steps.hasInterrupted;
    const state = this.outcome.state ?? (this.isActive ? "running" : aborted ? "aborted" : "completed");
    const failure = this.registry.saveFailureOf(this);
    return {
      runId: this.runId,
      ...(this.trigger && { trigger: this.trigger }),
      startedAt: this.startedAt,
      state: isInterrupted ? "interrupted" : state,
      ...(this.endedAt !== undefined && !this.isActive && { endedAt: this.endedAt }),
      steps,
      ...(error && { error }),
      ...(failure && { unsavedReason: failure.why }),
    };
  }

  /** A step must be written again. */
  stepChanged(step: Step): void {
    this.steps.update(step);
    this.#changed.add(step.record.stepId);
  }

  toJournal(): JournalRun {
    const { runId, trigger, startedAt } = this;
    this.#changed.clear();
    return {
      ...{ version: JOURNAL_VERSION, runId, trigger, startedAt, ...this.#journalOutcome },
      events: this.events.toJournal(),
      steps: [...this.steps].map((step) => step.toJournal()),
    };
  }

  changesForJournal(): JournalChange {
    const changed = [...this.#changed].flatMap((stepId) => this.steps.byId(stepId) ?? []);
    this.#changed.clear();
    return {
      ...this.#journalOutcome,
      events: this.events.changesForJournal(),
      steps: changed.map((step) => step.toJournal()),
    };
  }

  get #journalOutcome(): JournalOutcome {
    const passStart = this.passStart > 0 ? this.passStart : undefined;
    return { endedAt: this.endedAt, passStart, ...this.outcome.toJournal() };
  }
}
