import { ChangeSignal } from "../concurrency/change-signal.ts";
import { StaggeredStart } from "../concurrency/staggered-start.ts";
import { PipelineError } from "../errors/pipeline-error.ts";
import type { JournalRun } from "../journal/journal-run.ts";
import type { Urgency } from "../journal/run-file.ts";
import type { RunJournal } from "../journal/run-journal.ts";
import type { SaveResult } from "../journal/save-failures.ts";
import { partsOf } from "../messages/message-parts.ts";
import { copyMessage } from "../messages/safe-copy.ts";
import { backgroundClock, type Clock } from "../polling/clock.ts";
import type { RunRecord, RunTrigger, StepRecord } from "../records/run-record.ts";
import { AllInstances } from "./instances/all-instances.ts";
import { attempt, resumeOrWarn } from "./resume-run.ts";
import { runsToRemove } from "./retention.ts";
import { Run } from "./run.ts";
import { abortRun, type EditedInputs, rerun, retryRun } from "./run-commands.ts";
import type { RunEvent } from "./run-events.ts";
import { RunRecords } from "./run-records.ts";
import { type GuardedJournalOptions, RunStorage } from "./run-storage.ts";
import { Sequences } from "./sequences.ts";
import { FirstRunAtNode } from "./steps/first-run-at-node.ts";
import type { Step } from "./steps/step.ts";
import type { StepIdentity, StepStart } from "./steps/step-identity.ts";

/** The clocks and limits of a registry. */
export interface RunRegistryOptions {
  readonly now?: () => number;
  /** Calls back once, after this many milliseconds. Default: a timer that does not keep the process alive. */
  readonly later?: (ms: number, callback: () => void) => void;
  /** The clock of the instance guards. */
  readonly clock?: Clock;
  /** The maximum number of finished runs. Default 1,000. */
  readonly maxRuns?: number;
  /** How long a finished or interrupted run is kept, in milliseconds. Default 30 days. */
  readonly maxAgeMs?: number;
}

const THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000;

/** All runs of this Node-RED, the newest last. */
export class RunRegistry extends RunRecords {
  readonly instances: AllInstances;
  readonly sequences = new Sequences(this.runs);
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Monotonic time in milliseconds, for durations: changes of the system date do not affect it. */
  readonly monotonicNow: () => number;
  readonly later: (ms: number, callback: () => void) => void;
  readonly #listeners = new Set<(runId: string) => void>();
  readonly #maxRuns: number;
  readonly #maxAgeMs: number;
  /** The changes of all runs. */
  readonly changes = new ChangeSignal(() => this.instances.reconcile());
  readonly #firstAtNode = new FirstRunAtNode();
  protected readonly storage = new RunStorage(this);
  readonly #resumes: StaggeredStart;
  #created = 0;
  #areFlowsStopping = false;
  /** Set while flows are started. */
  #resumeWarn: ((text: string) => void) | undefined;

  constructor(options: RunRegistryOptions = {}) {
    super();
    this.now = options.now ?? Date.now;
    this.monotonicNow = options.now ?? (() => performance.now());
    this.later = options.later ?? unrefTimer;
    this.#maxRuns = options.maxRuns ?? 1000;
    this.#maxAgeMs = options.maxAgeMs ?? THIRTY_DAYS_MS;
    this.#resumes = new StaggeredStart(this.later);
    this.instances = new AllInstances(this, options.clock ?? backgroundClock);
  }

  /**
   * Restores the runs of a journal, and saves all runs there from now on. Running steps are interrupted, until {@link resumeAll}.
   *
   * @param guarded - lets one Node-RED at a time use the journal: while another one does, its runs are read-only here
   */
  attach(journal: RunJournal, guarded?: GuardedJournalOptions): void {
    this.storage.attach(journal, guarded);
  }

  /** Adds the runs of a journal. If flows have started already, these runs are resumed. */
  restore(saved: readonly JournalRun[], isLate: boolean): void {
    const known = [...this.runs.values()];
    this.runs.clear();
    for (const run of saved) {
      this.runs.set(run.runId, Run.restore(run, this, this.#created++));
    }
    for (const run of known) {
      this.runs.set(run.runId, run);
    }
    for (const run of this.runs.values()) {
      this.storage.add(run);
    }
    this.#removeOldest();
    this.instances.restore(this.#activeRuns());
    if (isLate && this.#resumeWarn) {
      this.resumeAll(this.#resumeWarn);
    }
  }

  /** Removes all runs from memory, because another Node-RED uses them. */
  dropAll(reason: string): void {
    for (const run of this.runs.values()) {
      for (const step of run.steps.running) {
        step.abort("closed", reason);
      }
      this.instances.leases.forget(run.runId);
    }
    this.runs.clear();
  }

  /**
   * Resumes all interrupted runs. Call it when flows have started.
   *
   * @param warn - receives a message about each run that can't be resumed, because one of its nodes was deleted
   */
  resumeAll(warn: (text: string) => void = () => {}): void {
    const wasReadOnly = this.storage.readOnly !== undefined;
    this.#resumeWarn = warn;
    this.#areFlowsStopping = false;
    // A takeover at this moment has resumed the runs already.
    if (this.storage.isOwned() && !(wasReadOnly && !this.storage.readOnly)) {
      this.#resumes.start(this.#activeRuns(), (run) => resumeOrWarn(run, warn));
      for (const run of this.runs.values()) {
        attempt(run, warn, () => this.instances.stopInstancesLeftRunning(run));
      }
    }
  }

  /** Call it before flows are stopped: until they have started again, no run is taken over from another Node-RED. */
  flowsStopping(): void {
    this.#resumeWarn = undefined;
    this.#areFlowsStopping = true;
  }

  /** Whether flows are being stopped: nodes close one after the other, and a step that starts now may miss its account. */
  get areFlowsStopping(): boolean {
    return this.#areFlowsStopping;
  }

  /**
   * Starts a step of the run `runId`. A run begins with its first step.
   *
   * @throws PipelineError `RUNS_LOCKED`: another Node-RED uses the runs
   */
  begin(
    runId: string,
    identity: StepIdentity,
    { message, parentStepId, parentItem, trigger, ...start }: StepStart = {},
  ): Step {
    this.storage.assertOwned();
    const received = message === undefined ? {} : { received: copyMessage(message), live: message };
    if (!this.runs.has(runId)) {
      this.#clearStatusesBefore(identity.nodeId);
    }
    const parts = partsOf(message);
    const item = this.sequences.itemOf(parts);
    const isItemSender = parentItem !== undefined || this.sequences.stepOf(parentStepId)?.record.item !== undefined;
    // A join node has made it from messages of a sequence, and merged the error of one of them into it: it is not the message of a Catch node.
    const afterError = start.afterError === true && !(isItemSender && item === undefined);
    const run = this.#runOf(runId, trigger);
    const step = run.begin(identity, { ...received, afterError, parentStepId, item });
    const sender = parentStepId === undefined ? undefined : this.sequences.senderOf(parentStepId);
    const acknowledge = (): void => sender?.steps.acknowledge(parentStepId ?? "", identity.nodeId, parts, parentItem);
    if (sender === undefined || sender === run) {
      acknowledge();
    } else {
      // Each run has its own file: after a crash, the message must be in one of them.
      void this.save(run).then(acknowledge);
    }
    return step;
  }

  /** A new run starts at a node: the nodes of the run before it no longer show what that run has left, if it is over. */
  #clearStatusesBefore(nodeId: string): void {
    const last = [...this.runs.values()].findLast((run) => run.steps.hasNode(nodeId));
    if (last && !last.isActive) {
      for (const { record } of last.steps) {
        this.nodes.get(record.nodeId)?.clearStatus?.();
      }
    }
  }

  /**
   * Whether a message was sent more than once, and the node has already started a step with it.
   *
   * @param parentItem - the index of the message in the sequence of its sender
   */
  isDuplicate(runId: string, nodeId: string, parentStepId: string, parentItem?: number): boolean {
    const isReceived = this.runs.get(runId)?.steps.hasReceived(parentStepId, nodeId, parentItem) ?? false;
    const sender = this.sequences.senderOf(parentStepId)?.steps.byId(parentStepId);
    if (!isReceived || !sender?.outbox.hasRedelivered) {
      return false;
    }
    sender.outbox.acknowledge(nodeId, parentItem);
    return true;
  }

  /** See {@link abortRun}. @throws PipelineError `RUN_NOT_FOUND`, `RUN_NOT_ABORTABLE`, `JOURNAL_WRITE_FAILED` */
  async abort(runId: string, reason: string): Promise<RunRecord> {
    return await abortRun(this.known(runId), reason);
  }

  /** See {@link retryRun}. @throws PipelineError `RUN_NOT_FOUND`, `RUN_NOT_RETRYABLE`, `JOURNAL_WRITE_FAILED` */
  async retry(runId: string): Promise<RunRecord> {
    return await retryRun(this.known(runId));
  }

  /** See {@link rerun}. @throws PipelineError `RUN_NOT_FOUND`, `RUN_NOT_RETRYABLE`, `INPUT_INVALID`, `JOURNAL_WRITE_FAILED` */
  async rerun(runId: string, newRunId: string, inputs: EditedInputs = {}): Promise<RunRecord> {
    const begin = (): Run => {
      if (this.runs.has(newRunId)) {
        const why = `there is already a run ${newRunId}`;
        throw new PipelineError("RUN_NOT_RETRYABLE", `The run ${runId} can't be run again: ${why}.`, {
          details: { runId },
        });
      }
      return this.#runOf(newRunId, { kind: "rerun", runId });
    };
    return await rerun(this.known(runId), inputs, begin);
  }

  /**
   * Removes a run that is over, from memory and from the disk.
   *
   * @throws PipelineError `RUN_NOT_FOUND`, `RUN_NOT_DELETABLE`
   */
  delete(runId: string): void {
    if (this.known(runId).isActive) {
      const text = `The run ${runId} can't be deleted: it is still active. Wait for its end, or abort it.`;
      throw new PipelineError("RUN_NOT_DELETABLE", text, { details: { runId } });
    }
    this.#remove(runId);
  }

  #runOf(runId: string, trigger: RunTrigger | undefined): Run {
    const known = this.runs.get(runId);
    if (known) {
      return known;
    }
    this.#removeOldest(1);
    const run = new Run({ runId, order: this.#created++, trigger }, this);
    this.runs.set(runId, run);
    this.storage.add(run);
    return run;
  }

  #activeRuns(): Run[] {
    return [...this.runs.values()].filter((run) => run.isActive);
  }

  /** The active runs that began before the one with this number. */
  activeRunsBefore(order: number): Run[] {
    return this.#activeRuns().filter((run) => run.order < order);
  }

  /** The steps of all runs. */
  steps(): Step[] {
    return [...this.runs.values()].flatMap((run) => [...run.steps]);
  }

  /** Resolves when all runs are on disk. Without a journal, immediately. */
  async flush(): Promise<void> {
    await this.storage.flush();
  }

  /** Calls `listener` with the id of each run that changes or is removed. The returned function unsubscribes it. */
  onChange(listener: (runId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls the listeners of {@link onChange}. */
  notify(runId: string): void {
    for (const listener of this.#listeners) {
      listener(runId);
    }
  }

  /** Emits an event in all runs. In a finished run only subscriptions that outlast the steps receive it. */
  broadcast(event: RunEvent): void {
    for (const run of this.runs.values()) {
      if (!run.isOver || run.events.hasListeners) {
        run.events.emit(event);
      }
    }
  }

  runChanged(run: Run, urgency: Urgency): void {
    this.storage.changed(run, urgency);
    if (urgency === "now") {
      this.instances.runChanged(run);
      this.changes.changed();
    }
    this.notify(run.runId);
  }

  /** The number of the earliest run that has not passed a node, see {@link FirstRunAtNode}. */
  firstAtNode(nodeId: string, isPassed: (step: StepRecord) => boolean): number {
    return this.#firstAtNode.orderAt(nodeId, { version: this.changes.version, runs: this.runs.values(), isPassed });
  }

  /** Resolves when the current state of a run is on disk, or with the reason why it is not. */
  save(run: Run): Promise<SaveResult> {
    return this.storage.save(run);
  }

  saveFailureOf(run: Pick<Run, "runId">): SaveResult {
    return this.storage.saveFailureOf(run);
  }

  /** @param coming - how many runs are about to be added */
  #removeOldest(coming = 0): void {
    const retention = { maxRuns: this.#maxRuns - coming, notBefore: this.now() - this.#maxAgeMs };
    for (const { runId } of runsToRemove([...this.runs.values()], retention)) {
      this.#remove(runId);
    }
  }

  #remove(runId: string): void {
    this.runs.delete(runId);
    this.instances.leases.forget(runId);
    this.storage.remove(runId);
    this.notify(runId);
  }
}

function unrefTimer(ms: number, callback: () => void): void {
  setTimeout(callback, ms).unref();
}

/** The registry of this process. All node sets share it. */
export const runs = new RunRegistry();
