import { PipelineError, toPipelineError } from "../errors/pipeline-error.ts";
import { backgroundClock } from "../polling/background-clock.ts";
import type { Clock } from "../polling/clock.ts";
import { ChangeSignal } from "./change-signal.ts";
import type { Fact } from "./facts/fact.ts";
import { InTurns } from "./in-turns.ts";
import type { InstanceControl } from "./instances/instance-control.ts";
import { InstancesOfRuns } from "./instances/instances-of-runs.ts";
import type { RunJournal } from "./journal/run-journal.ts";
import { type MessageParts, partsOf } from "./messages/message-parts.ts";
import { copyMessage, type SafeCopy } from "./messages/safe-copy.ts";
import { Ownership, type OwnershipOptions } from "./ownership.ts";
import { describeLeftOver } from "./records/left-instances.ts";
import type { RunRecord, RunTrigger } from "./records/run-record.ts";
import { type RunSummary, summarize } from "./records/run-summary.ts";
import { Run, STRAGGLERS_MS } from "./run.ts";
import { abortRun, type CommandSurroundings, retryRun, runAgain } from "./run-commands.ts";
import type { RunSurroundings } from "./run-surroundings.ts";
import { runsToForget } from "./runs-to-forget.ts";
import type { Step, StepIdentity } from "./steps/step.ts";
import type { StepDoor } from "./steps/step-door.ts";
import type { Urgency } from "./steps/step-run.ts";
import { takeUpRun } from "./take-up-run.ts";
import { WatchedRuns } from "./watched-runs.ts";

/** What {@link RunRegistry} takes. */
export interface RunRegistryOptions {
  readonly now?: () => number;
  /** Calls back once, so many milliseconds later. Default: by a timer that keeps no process alive. */
  readonly later?: (ms: number, callback: () => void) => void;
  /** Of the guards of instances. */
  readonly clock?: Clock;
  /** How many runs that are over are remembered; interrupted ones don't count. Default 1,000. */
  readonly keep?: number;
  /** For how long a run that is over or interrupted is remembered, in milliseconds. Default 30 days. */
  readonly keepForMs?: number;
}

/** What a step begins with besides its run and node. */
export interface StepStart {
  /** The message comes from a Catch node. */
  readonly afterError?: boolean;
  /** What the step has received; the journal keeps a copy without secrets. */
  readonly message?: unknown;
  /** The step that has sent it. */
  readonly from?: string | undefined;
  /** What the run begins with, if it does. */
  readonly trigger?: RunTrigger | undefined;
}

/** What {@link RunRegistry.attach} takes for a folder that may be another Node-RED's. */
export type AttachOptions = Pick<OwnershipOptions, "lock" | "warn" | "info">;

const THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000;

/** All runs of this Node-RED, the newest last. */
export class RunRegistry {
  readonly #runs = new Map<string, Run>();
  readonly #listeners = new Set<(runId: string) => void>();
  readonly #now: () => number;
  readonly #keep: number;
  readonly #keepForMs: number;
  readonly #surroundings: RunSurroundings<Run> & CommandSurroundings;
  readonly #doors = new Map<string, StepDoor>();
  readonly #instances: InstancesOfRuns;
  readonly #changes = new ChangeSignal(() => this.#instances.reconcile());
  readonly #takeUps: InTurns;
  #begun = 0;
  #journal: RunJournal | undefined;
  #ownership: Ownership | undefined;
  /** While another Node-RED works on the runs. */
  #watched: WatchedRuns | undefined;
  #takeUpWarn: ((text: string) => void) | undefined;

  constructor(options: RunRegistryOptions = {}) {
    const { now = Date.now, later = laterByTimer, keep = 1000, keepForMs = THIRTY_DAYS_MS } = options;
    this.#now = now;
    this.#keep = keep;
    this.#keepForMs = keepForMs;
    this.#takeUps = new InTurns(later);
    this.#instances = new InstancesOfRuns({
      runs: () => this.#runs.values(),
      tell: (fact) => this.#tellEveryRun(fact),
      clock: options.clock ?? backgroundClock,
      now,
      graceMs: STRAGGLERS_MS,
    });
    this.#surroundings = {
      now,
      monotonicNow: options.now ?? (() => performance.now()),
      onChange: (run, urgency) => this.#changed(run, urgency),
      saved: async (run) => this.#journal?.saveNow(run.runId),
      refusalOf: (run) => this.#journal?.refusalOf(run.runId),
      tellEveryRun: (fact) => this.#tellEveryRun(fact),
      later,
      guards: this.#instances.guards,
      isOnForARun: (instanceId) => this.#instances.isOnForARun(instanceId),
      earlierThan: ({ order }) => [...this.#runs.values()].filter((run) => run.order < order && run.isUnderWay),
      countUnderWay: () => this.#underWay().length,
      nodesOfType: (type) => [...this.#doors].filter(([, door]) => door.type === type).map(([id]) => id),
      doorOf: (nodeId) => this.#doors.get(nodeId),
      nextChange: (signal) => this.#changes.next(signal),
      leases: this.#instances.leases,
      liveRecords: () => this.liveRecords(),
    };
  }

  /**
   * Takes over the runs that are on the disk, and keeps all runs there from now on. Steps that were working are interrupted, until
   * {@link takeUp}.
   *
   * @param guarded - has one Node-RED at a time work on the folder: while it is another one, this one only shows its runs
   */
  attach(journal: RunJournal, guarded?: AttachOptions): void {
    if (!guarded) {
      this.#takeOver(journal);
      return;
    }
    this.#ownership = new Ownership({
      ...guarded,
      later: this.#surroundings.later,
      onOurs: () => this.#takeOver(journal),
      onOthers: () => this.#watch(journal),
    });
  }

  #watch(journal: RunJournal): void {
    journal.giveUp();
    for (const run of this.#runs.values()) {
      for (const step of run.steps.working) {
        step.abort("closed", "another Node-RED works on the runs.");
      }
      this.#instances.leases.release(run.runId);
    }
    this.#runs.clear();
    this.#watched = new WatchedRuns(() => journal.peek(), this.#now);
  }

  #takeOver(journal: RunJournal): void {
    const isLater = this.#watched !== undefined;
    this.#watched = undefined;
    const known = [...this.#runs.values()];
    this.#runs.clear();
    for (const kept of journal.load()) {
      this.#runs.set(kept.runId, Run.restore(kept, this.#surroundings, this.#begun++));
    }
    for (const run of known) {
      this.#runs.set(run.runId, run);
    }
    this.#journal = journal;
    journal.onRefusalChange = (runId) => this.#tellListeners(runId);
    for (const run of this.#runs.values()) {
      journal.keep(run.runId, () => run.toJournal());
    }
    this.#forgetOldest();
    this.#instances.restore(this.#underWay());
    if (isLater && this.#takeUpWarn) {
      // The flows have started already.
      this.takeUp(this.#takeUpWarn);
    }
  }

  /** A step's node is there, and can be given work. */
  open(nodeId: string, door: StepDoor): void {
    this.#doors.set(nodeId, door);
  }

  /** The node closes; its successor may have come already. */
  shut(nodeId: string, door: StepDoor): void {
    if (this.#doors.get(nodeId) === door) {
      this.#doors.delete(nodeId);
    }
  }

  /** Whether a node is a step's. */
  isOpen(nodeId: string): boolean {
    return this.#doors.has(nodeId);
  }

  /**
   * To be called when the flows have started: every run that was left goes on, each step in its node. Of many, some at a time, so
   * that they don't all ask their services at once.
   *
   * @param warn - hears of each run that can't go on, because a node of it is gone
   */
  takeUp(warn: (text: string) => void = () => {}): void {
    const isTakenOver = this.#watched !== undefined;
    this.#takeUpWarn = warn;
    if (this.#ownership?.check() === false || (isTakenOver && !this.#watched)) {
      return;
    }
    this.#takeUps.go(this.#underWay(), (some) => {
      for (const run of some) {
        this.#safely(run, warn, () => this.#takeUpOne(run, warn));
      }
    });
    for (const run of this.#runs.values()) {
      this.#safely(run, warn, () => this.#instances.stopLeftOn(run));
    }
  }

  #takeUpOne(run: Run, warn: (text: string) => void): void {
    if (takeUpRun(run, this.#surroundings.doorOf)) {
      warn(describeLeftOver(run.liveRecord(), this.liveRecords(), (id) => this.#instances.guards.of(id).hasControl));
    }
  }

  /** One run that can't be resumed, whatever its record holds, keeps no other from it. */
  #safely({ runId }: Run, warn: (text: string) => void, work: () => void): void {
    try {
      work();
    } catch (error) {
      warn(`The run ${runId} could not be resumed: ${toPipelineError(error).message}`);
    }
  }

  /** Has guards ask the account that a run has used, where its nodes are gone. */
  lendBy(controlOf: (accountId: string) => InstanceControl | undefined): void {
    this.#instances.lendBy(controlOf);
  }

  /** To be called when flows are about to be stopped: until they have started again, no run is taken over from another Node-RED. */
  rest(): void {
    this.#takeUpWarn = undefined;
  }

  /**
   * Starts a step of the run `runId`; a run begins with its first step.
   *
   * @throws PipelineError `RUNS_LOCKED`: another Node-RED works on the runs
   */
  begin(runId: string, identity: StepIdentity, { afterError, message, from, trigger }: StepStart = {}): Step {
    this.#ownership?.demand();
    const step = this.#runOf(runId, trigger).begin(identity, {
      ...(afterError && { afterError }),
      ...(message !== undefined && { received: copyMessage(message), live: message }),
      from,
    });
    if (from !== undefined) {
      this.#takenUp(from, identity.nodeId, partsOf(message));
    }
    return step;
  }

  /** Whether a message is one that a node has had already: it was handed on more than once, and the node has begun a step with it. */
  isRepetition(runId: string, nodeId: string, from: string): boolean {
    const hasCome = this.#runs.get(runId)?.steps.hasTakenUp(from, nodeId) ?? false;
    const sender = this.#senderOf(from)?.steps.byId(from);
    if (!hasCome || !sender?.outbox.hasRepeated) {
      return false;
    }
    sender.outbox.takenUp(nodeId);
    return true;
  }

  /**
   * Aborts what a run has in hand; its flow's Catch node is told, once. Resolves when the disk knows of it.
   *
   * @throws PipelineError `RUN_NOT_FOUND`, `RUN_NOT_ABORTABLE`, `JOURNAL_WRITE_FAILED` (done, but not on the disk)
   */
  async abort(runId: string, reason: string): Promise<RunRecord> {
    return await abortRun(this.#known(runId), reason);
  }

  /**
   * Starts a failed or aborted run again from the step that failed, with the message that the step had received; what was aborted
   * because of it, and an instance that was stopped since, begin again too. Resolves when the disk knows of it.
   *
   * @throws PipelineError `RUN_NOT_FOUND`, `RUN_NOT_RETRYABLE`, `JOURNAL_WRITE_FAILED` (done, but not on the disk)
   */
  async retry(runId: string): Promise<RunRecord> {
    return await retryRun(this.#known(runId), this.#surroundings);
  }

  /**
   * Starts a new run with the messages that this one began with. Resolves when the disk knows of it.
   *
   * @param newRunId - the new run's id
   * @throws PipelineError `RUN_NOT_FOUND`, `RUN_NOT_RETRYABLE` (a node is gone, or its message was not kept), `JOURNAL_WRITE_FAILED`
   *   (done, but not on the disk)
   */
  async runAgain(runId: string, newRunId: string): Promise<RunRecord> {
    const begin = (): Run => {
      if (this.#runs.has(newRunId)) {
        const why = `there is a run ${newRunId} already`;
        throw new PipelineError("RUN_NOT_RETRYABLE", `The run ${runId} can't be run again: ${why}.`, {
          details: { runId },
        });
      }
      return this.#runOf(newRunId, { kind: "again", runId });
    };
    return await runAgain(this.#known(runId), begin, this.#surroundings);
  }

  #known(runId: string): Run {
    this.#ownership?.demand();
    const run = this.#runs.get(runId);
    if (!run) {
      throw new PipelineError("RUN_NOT_FOUND", `There is no run ${runId}.`, { details: { runId } });
    }
    return run;
  }

  #runOf(runId: string, trigger: RunTrigger | undefined): Run {
    const known = this.#runs.get(runId);
    if (known) {
      return known;
    }
    this.#forgetOldest(1);
    const run = new Run({ runId, order: this.#begun++, trigger }, this.#surroundings);
    this.#runs.set(runId, run);
    this.#journal?.keep(runId, () => run.toJournal());
    return run;
  }

  /** The message may have changed its run on the way. */
  #takenUp(stepId: string, nodeId: string, parts?: MessageParts): void {
    this.#senderOf(stepId)?.steps.takenUp(stepId, nodeId, parts);
  }

  #senderOf(stepId: string): Run | undefined {
    return this.#runs.get(stepId.slice(0, stepId.lastIndexOf("/")));
  }

  #underWay(): Run[] {
    return [...this.#runs.values()].filter((run) => run.isUnderWay);
  }

  /** All runs without copying: to be read in this turn, and not to be changed. */
  liveRecords(): RunRecord[] {
    return this.#watched?.records() ?? [...this.#runs.values()].map((run) => run.liveRecord());
  }

  /** @throws PipelineError `RUN_NOT_FOUND` */
  find(runId: string): RunRecord {
    const record = this.get(runId);
    if (!record) {
      throw new PipelineError("RUN_NOT_FOUND", `There is no run ${runId}.`, { details: { runId } });
    }
    return record;
  }

  /**
   * The message that a step has received, as it is on the disk: without secrets, and without what was too much.
   *
   * @param number - which step of the run, from 1
   * @returns undefined when nobody has kept it
   * @throws PipelineError `RUN_NOT_FOUND` (also for a step that the run does not have)
   */
  input(runId: string, number: number): SafeCopy | undefined {
    if (this.#watched) {
      return this.#watched.input(`${runId}/${number}`);
    }
    const step = this.#known(runId).steps.byId(`${runId}/${number}`);
    if (!step) {
      throw new PipelineError("RUN_NOT_FOUND", `The run ${runId} has no step ${number}.`, { details: { runId } });
    }
    return step.received.copy;
  }

  get(runId: string): RunRecord | undefined {
    return this.#watched ? this.#watched.get(runId) : this.#runs.get(runId)?.toRecord();
  }

  list(): RunRecord[] {
    return this.#watched?.records() ?? [...this.#runs.values()].map((run) => run.toRecord());
  }

  /** Resolves when all runs are on the disk; at once without a journal. */
  async flush(): Promise<void> {
    await this.#journal?.flush();
  }

  /** What {@link list} tells in one line each; fast, however much the runs hold. */
  summaries(): RunSummary[] {
    return this.liveRecords().map(summarize);
  }

  /** One of them; undefined for a run that is forgotten. */
  summary(runId: string): RunSummary | undefined {
    const record = this.#watched ? this.#watched.get(runId) : this.#runs.get(runId)?.liveRecord();
    return record && summarize(record);
  }

  /** Calls `listener` with the id of each run that changes or is forgotten; the returned function ends that. */
  onChange(listener: (runId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A run that is over has nobody left to tell, unless something outlasts its steps. */
  #tellEveryRun(fact: Fact): void {
    for (const run of this.#runs.values()) {
      if (!run.isOver || run.facts.isListenedTo) {
        run.facts.tell(fact);
      }
    }
  }

  #changed(run: Run, urgency: Urgency): void {
    if (urgency === "now") {
      void this.#journal?.saveNow(run.runId);
      this.#instances.changed(run);
      this.#changes.changed();
    } else {
      this.#journal?.saveSoon(run.runId);
    }
    this.#tellListeners(run.runId);
  }

  #tellListeners(runId: string): void {
    for (const listener of this.#listeners) {
      listener(runId);
    }
  }

  /** @param coming - how many runs are about to be added */
  #forgetOldest(coming = 0): void {
    const memory = { keep: this.#keep - coming, notBefore: this.#now() - this.#keepForMs };
    for (const { runId } of runsToForget([...this.#runs.values()], memory)) {
      this.#runs.delete(runId);
      this.#instances.leases.release(runId);
      this.#journal?.forget(runId);
      this.#tellListeners(runId);
    }
  }
}

function laterByTimer(ms: number, callback: () => void): void {
  setTimeout(callback, ms).unref();
}

/** The registry that all nodes of this process share: node sets are separate modules, but the runs span them. */
export const runs = new RunRegistry();
