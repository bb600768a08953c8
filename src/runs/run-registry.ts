import { ChangeSignal } from "../concurrency/change-signal.ts";
import { StaggeredStart } from "../concurrency/staggered-start.ts";
import { PipelineError } from "../errors/pipeline-error.ts";
import type { JournalRun } from "../journal/journal-run.ts";
import type { Urgency } from "../journal/run-file.ts";
import { backgroundClock, type Clock } from "../polling/clock.ts";
import type { RunRecord, RunTrigger } from "../records/run-record.ts";
import { beginStep, wasReceived } from "./begin-step.ts";
import { startUse } from "./first-use.ts";
import { AllInstances } from "./instances/all-instances.ts";
import { stopInstancesLeftRunning } from "./instances/stop-left-running.ts";
import { resumeOrWarn, warnOnFailure } from "./resume-run.ts";
import { Run } from "./run.ts";
import { abortRun, type EditedInputs, rerun, retryRun } from "./run-commands.ts";
import type { RunEvent } from "./run-events.ts";
import type { Step } from "./steps/step.ts";
import type { StepIdentity, StepStart } from "./steps/step-origin.ts";
import { StoredRuns } from "./stored-runs.ts";

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
export class RunRegistry extends StoredRuns {
  readonly instances: AllInstances;
  readonly now: () => number;
  /** Monotonic time in milliseconds, for durations: changes of the system date do not affect it. */
  readonly monotonicNow: () => number;
  readonly later: (ms: number, callback: () => void) => void;
  readonly #listeners = new Set<(runId: string) => void>();
  readonly #maxRuns: number;
  readonly #maxAgeMs: number;
  /** The changes of all runs. */
  readonly changes = new ChangeSignal(() => this.instances.reconcile());
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

  /** Adds the runs of a journal. If flows have started already, these runs are resumed. */
  protected restore(saved: readonly JournalRun[], isLate: boolean): void {
    const known = [...this.all];
    this.all.clear();
    const earlier = saved.map((run) => Run.restore(run, this, this.#created++));
    for (const run of [...earlier, ...known]) {
      this.add(run);
    }
    this.#removeOldest();
    this.instances.restore(this.all.active);
    if (isLate && this.#resumeWarn) {
      this.resumeAll(this.#resumeWarn);
    }
  }

  protected dropAll(reason: string): void {
    for (const run of this.all) {
      for (const step of run.steps.running) {
        step.abort("closed", reason);
      }
      this.instances.leases.forget(run.runId);
    }
    this.all.clear();
  }

  /**
   * Resumes all interrupted runs. Call it when flows have started.
   *
   * @param warn - receives a message about each run that can't be resumed, because one of its nodes was deleted
   */
  resumeAll(warn: (text: string) => void = () => {}): void {
    const wasReadOnly = this.isReadOnly;
    this.#resumeWarn = warn;
    this.#areFlowsStopping = false;
    // A takeover at this moment has resumed the runs already.
    if (this.isOwned() && !(wasReadOnly && !this.isReadOnly)) {
      this.#resumes.start(this.all.active, (run) => resumeOrWarn(run, warn));
      for (const run of this.all) {
        warnOnFailure(run, warn, () => stopInstancesLeftRunning(run));
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
  begin(runId: string, identity: StepIdentity, start: StepStart = {}): Step {
    this.assertOwned();
    return beginStep(this, runId, identity, start);
  }

  /**
   * Whether a message was sent more than once, and the node has already started a step with it.
   *
   * @param parentItem - the index of the message in the sequence of its sender
   */
  isDuplicate(runId: string, nodeId: string, parentStepId: string, parentItem?: number): boolean {
    return wasReceived(this.all, { runId, nodeId, parentStepId, parentItem });
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
    return await rerun(this.known(runId), newRunId, inputs);
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
    this.remove(runId);
  }

  /** Creates a run. Its steps follow. */
  create(runId: string, trigger: RunTrigger | undefined): Run {
    this.#removeOldest(1);
    const run = new Run({ runId, order: this.#created++, trigger }, this);
    this.add(run);
    return run;
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
    for (const run of this.all) {
      if (!run.isOver || run.events.hasListeners) {
        run.events.emit(event);
      }
    }
  }

  runChanged(run: Run, urgency: Urgency): void {
    this.saveLater(run, urgency);
    if (urgency === "now") {
      this.instances.runChanged(run);
      this.changes.changed();
    }
    this.notify(run.runId);
  }

  /** @param coming - how many runs are about to be added */
  #removeOldest(coming = 0): void {
    const retention = { maxRuns: this.#maxRuns - coming, notBefore: this.now() - this.#maxAgeMs };
    for (const { runId } of this.all.expired(retention)) {
      this.remove(runId);
    }
  }

  protected override remove(runId: string): void {
    super.remove(runId);
    this.instances.leases.forget(runId);
    this.notify(runId);
  }
}

function unrefTimer(ms: number, callback: () => void): void {
  setTimeout(callback, ms).unref();
}

/** The registry of this process. All node sets share it. */
export const runs = new RunRegistry();
startUse(runs);
