import { PipelineError } from "../errors/pipeline-error.ts";
import type { Fact } from "./fact.ts";
import type { RunJournal } from "./journal/run-journal.ts";
import { copyMessage } from "./journal/safe-copy.ts";
import { Leases } from "./leases.ts";
import { describeLeftOver, hasFoundRunning, instancesLeftOn } from "./left-instances.ts";
import { type MessageParts, partsOf } from "./message-parts.ts";
import { stepsToRetry } from "./retry-plan.ts";
import { Run, STRAGGLERS_MS } from "./run.ts";
import type { RunRecord } from "./run-record.ts";
import { type RunSummary, summarize } from "./run-summary.ts";
import type { RunSurroundings } from "./run-surroundings.ts";
import type { Step, StepIdentity } from "./step.ts";
import type { StepDoor } from "./step-door.ts";
import type { Urgency } from "./step-run.ts";

/** What {@link RunRegistry} takes. */
export interface RunRegistryOptions {
  readonly now?: () => number;
  /** Calls back once, so many milliseconds later. Default: by a timer that keeps no process alive. */
  readonly later?: (ms: number, callback: () => void) => void;
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
}

/** So many runs are taken up at once, and the next ones so many milliseconds later. */
const TAKEN_UP_AT_ONCE = 15;
const TAKE_UP_EACH_MS = 100;
const THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000;

/** All runs of this Node-RED, the newest last. */
export class RunRegistry {
  readonly #runs = new Map<string, Run>();
  readonly #listeners = new Set<(runId: string) => void>();
  readonly #now: () => number;
  readonly #keep: number;
  readonly #keepForMs: number;
  readonly #surroundings: RunSurroundings;
  readonly #doors = new Map<string, StepDoor>();
  readonly #leases = new Leases();
  readonly #waiting = new Set<() => void>();
  #begun = 0;
  #isRecheckDue = false;
  #takeUps = 0;
  #journal: RunJournal | undefined;

  constructor(options: RunRegistryOptions = {}) {
    const { now = Date.now, later = laterByTimer, keep = 1000, keepForMs = THIRTY_DAYS_MS } = options;
    this.#now = now;
    this.#keep = keep;
    this.#keepForMs = keepForMs;
    this.#surroundings = {
      now,
      onChange: (run, urgency) => this.#changed(run, urgency),
      saved: async (run) => this.#journal?.saveNow(run.runId),
      tellEveryRun: (fact) => this.#tellEveryRun(fact),
      later,
      claim: (claimant, claim) => this.#leases.claim(claimant, claim),
      isOnForARun: (instanceId) => this.#isOnForARun(instanceId),
      neededByOthers: (runId, instanceId) => this.#leases.neededByOthers(runId, instanceId),
      release: (runId, instanceIds) => this.#leases.done(runId, instanceIds),
      earlierThan: ({ order }) => [...this.#runs.values()].filter((run) => run.order < order && run.isUnderWay),
      countUnderWay: () => [...this.#runs.values()].filter((run) => run.isUnderWay).length,
      doorOf: (nodeId) => this.#doors.get(nodeId),
      nextChange: (signal) => this.#nextChange(signal),
    };
  }

  /**
   * Takes over the runs that are on the disk, and keeps all runs there from now on. Steps that were working are interrupted, until
   * {@link takeUp}.
   */
  attach(journal: RunJournal): void {
    const known = [...this.#runs.values()];
    this.#runs.clear();
    for (const kept of journal.load()) {
      this.#runs.set(kept.runId, Run.restore(kept, this.#surroundings, this.#begun++));
    }
    for (const run of known) {
      this.#runs.set(run.runId, run);
    }
    this.#journal = journal;
    for (const run of this.#runs.values()) {
      journal.keep(run.runId, () => run.toJournal());
    }
    this.#forgetOldest();
    this.#restoreLeases();
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
    this.#takeUps += 1;
    this.#takeUpSome(
      [...this.#runs.values()].filter((run) => run.isUnderWay),
      this.#takeUps,
      warn,
    );
  }

  /** A later start of the flows begins with all that is left. */
  #takeUpSome(runs: readonly Run[], takeUp: number, warn: (text: string) => void): void {
    if (takeUp !== this.#takeUps) {
      return;
    }
    const left = runs.slice(0, TAKEN_UP_AT_ONCE).filter((run) => run.takeUp());
    for (const run of left) {
      warn(describeLeftOver(run.glance(), this.glances(), run.instances.wereGuarded));
    }
    if (runs.length > TAKEN_UP_AT_ONCE) {
      const rest = runs.slice(TAKEN_UP_AT_ONCE);
      this.#surroundings.later(TAKE_UP_EACH_MS, () => this.#takeUpSome(rest, takeUp, warn));
    }
  }

  /** Starts a step of the run `runId`; a run begins with its first step. */
  begin(runId: string, identity: StepIdentity, { afterError, message, from }: StepStart = {}): Step {
    const step = this.#runOf(runId).begin(identity, {
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
    const hasCome = this.#runs.get(runId)?.hasTakenUp(from, nodeId) ?? false;
    if (!hasCome || !this.#senderOf(from)?.hasRepeated(from)) {
      return false;
    }
    this.#senderOf(from)?.settled(from, nodeId);
    return true;
  }

  /**
   * Aborts what a run has in hand; its flow's Catch node is told, once.
   *
   * @throws PipelineError `RUN_NOT_FOUND`, `RUN_NOT_ABORTABLE`
   */
  abort(runId: string, reason: string): RunRecord {
    const run = this.#known(runId);
    if (!run.abort(reason)) {
      throw new PipelineError(
        "RUN_NOT_ABORTABLE",
        `The run ${runId} has no step at work that could be aborted: it is ${run.glance().state}. Steps that stop an instance go on to their end.`,
        { details: { runId } },
      );
    }
    return run.toRecord();
  }

  /**
   * Starts a failed or aborted run again from the step that failed, with the message that the step had received; what was aborted
   * because of it, and an instance that was stopped since, begin again too.
   *
   * @throws PipelineError `RUN_NOT_FOUND`, `RUN_NOT_RETRYABLE`
   */
  retry(runId: string): RunRecord {
    const run = this.#known(runId);
    const record = run.toRecord();
    const isTaken = (instanceId: string): boolean => this.#leases.neededByOthers(runId, instanceId).length > 0;
    const stepIds = run.isAtRest ? stepsToRetry(record, this.glances(), isTaken) : [];
    if (stepIds.length === 0) {
      const why = run.isAtRest ? `it is ${record.state}` : "it has not ended yet; wait for that, or abort it";
      throw new PipelineError("RUN_NOT_RETRYABLE", `The run ${runId} can't be started again: ${why}.`, {
        details: { runId, state: record.state },
      });
    }
    const gone = record.steps.find(({ stepId, nodeId }) => stepIds.includes(stepId) && !this.isOpen(nodeId));
    if (gone) {
      throw new PipelineError(
        "RUN_NOT_RETRYABLE",
        `The run ${runId} can't be started again: its node "${gone.name}" is gone or disabled. Bring it back, or start a new run.`,
        { details: { runId, nodeId: gone.nodeId } },
      );
    }
    this.#leases.hold(
      runId,
      this.#claimedOf(run).filter((instanceId) => !isTaken(instanceId)),
    );
    run.retry(stepIds);
    return run.toRecord();
  }

  /**
   * Starts a new run with the messages that this one began with.
   *
   * @param newRunId - the new run's id
   * @throws PipelineError `RUN_NOT_FOUND`, `RUN_NOT_RETRYABLE` (a node is gone, or its message was not kept)
   */
  runAgain(runId: string, newRunId: string): RunRecord {
    const first = this.#known(runId).firstSteps;
    const gone = first.find(({ record, past }) => !this.isOpen(record.nodeId) || past.received === undefined);
    if (gone || first.length === 0 || this.#runs.has(newRunId)) {
      const why = gone ? `the node "${gone.record.name}", or the message it had received, is gone` : "it has no steps";
      throw new PipelineError(
        "RUN_NOT_RETRYABLE",
        `The run ${runId} can't be run again: ${this.#runs.has(newRunId) ? `there is a run ${newRunId} already` : why}.`,
        { details: { runId } },
      );
    }
    for (const { identity, past } of first) {
      const { value, leftOut = [] } = past.received ?? {};
      const received = { value: asMessageOf(newRunId, value), leftOut };
      const step = this.#runOf(newRunId).begin(identity, { received, live: past.live });
      this.#doors.get(identity.nodeId)?.resume(step, step.messageAgain());
    }
    return this.#known(newRunId).toRecord();
  }

  #known(runId: string): Run {
    const run = this.#runs.get(runId);
    if (!run) {
      throw new PipelineError("RUN_NOT_FOUND", `There is no run ${runId}.`, { details: { runId } });
    }
    return run;
  }

  #runOf(runId: string): Run {
    const known = this.#runs.get(runId);
    if (known) {
      return known;
    }
    this.#forgetOldest(1);
    const run = new Run(runId, this.#surroundings, this.#begun++);
    this.#runs.set(runId, run);
    this.#journal?.keep(runId, () => run.toJournal());
    return run;
  }

  /** The message may have changed its run on the way. */
  #takenUp(stepId: string, nodeId: string, parts?: MessageParts): void {
    this.#senderOf(stepId)?.takenUp(stepId, nodeId, parts);
  }

  #senderOf(stepId: string): Run | undefined {
    return this.#runs.get(stepId.slice(0, stepId.lastIndexOf("/")));
  }

  /** Runs that were left use what they had claimed, before anybody else can. */
  #restoreLeases(): void {
    for (const run of [...this.#runs.values()].filter(({ isUnderWay }) => isUnderWay)) {
      this.#leases.hold(run.runId, this.#claimedOf(run));
    }
  }

  /** The instances that a run has claimed, and that nobody has stopped since. */
  #claimedOf(run: Run): string[] {
    const record = run.glance();
    const hasClaimed = record.steps.some(({ checkpoint }) => checkpoint?.claimed === true);
    return hasClaimed ? instancesLeftOn(record, this.glances()) : [];
  }

  #isOnForARun(instanceId: string): boolean {
    const all = this.glances();
    return all.some(
      (run) =>
        instancesLeftOn(run, all).includes(instanceId) &&
        !hasFoundRunning(run, instanceId) &&
        (run.endedAt === undefined || this.#now() - run.endedAt < STRAGGLERS_MS),
    );
  }

  /** All runs without copying: to be read in this turn, and not to be changed. */
  glances(): RunRecord[] {
    return [...this.#runs.values()].map((run) => run.glance());
  }

  #nextChange(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = (): void => reject(signal.reason);
    this.#waiting.add(resolve);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) {
      abort();
    }
    return promise.finally(() => {
      this.#waiting.delete(resolve);
      signal.removeEventListener("abort", abort);
    });
  }

  /** @throws PipelineError `RUN_NOT_FOUND` */
  find(runId: string): RunRecord {
    return this.#known(runId).toRecord();
  }

  get(runId: string): RunRecord | undefined {
    return this.#runs.get(runId)?.toRecord();
  }

  list(): RunRecord[] {
    return [...this.#runs.values()].map((run) => run.toRecord());
  }

  /** Resolves when all runs are on the disk; at once without a journal. */
  async flush(): Promise<void> {
    await this.#journal?.flush();
  }

  /** What {@link list} tells in one line each; fast, however much the runs hold. */
  summaries(): RunSummary[] {
    return this.glances().map(summarize);
  }

  /** One of them; undefined for a run that is forgotten. */
  summary(runId: string): RunSummary | undefined {
    const run = this.#runs.get(runId);
    return run && summarize(run.glance());
  }

  /** Calls `listener` with the id of each run that changes or is forgotten; the returned function ends that. */
  onChange(listener: (runId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A run that is over has nobody left to tell, unless something outlasts its steps. */
  #tellEveryRun(fact: Fact): void {
    for (const run of this.#runs.values()) {
      if (!run.isOver || run.isListenedTo) {
        run.tell(fact);
      }
    }
  }

  #changed(run: Run, urgency: Urgency): void {
    if (urgency === "now") {
      void this.#journal?.saveNow(run.runId);
      this.#letOthersGoOn(run);
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

  #letOthersGoOn(run: Run): void {
    if (!run.isUnderWay) {
      this.#leases.release(run.runId);
    }
    if (this.#isRecheckDue) {
      return;
    }
    // Once for all that changes in this turn: a thousand runs may.
    this.#isRecheckDue = true;
    setImmediate(() => {
      this.#isRecheckDue = false;
      this.#leases.recheck();
      for (const goOn of [...this.#waiting]) {
        goOn();
      }
    });
  }

  /** @param coming - how many runs are about to be added */
  #forgetOldest(coming = 0): void {
    let surplus = this.#runs.size + coming - this.#keep;
    for (const run of [...this.#runs.values()].filter((candidate) => candidate.isOver)) {
      const isOld = run.lastChangeAt < this.#now() - this.#keepForMs;
      const isTooMany = surplus > 0 && !run.isUnderWay;
      if (isOld || isTooMany) {
        surplus -= 1;
        this.#runs.delete(run.runId);
        this.#leases.release(run.runId);
        this.#journal?.forget(run.runId);
        this.#tellListeners(run.runId);
      }
    }
  }
}

/** A trigger's message as that of another run. */
function asMessageOf(runId: string, message: unknown): unknown {
  const members = message as Readonly<Record<string, unknown>>;
  return { ...members, _msgid: runId, ...(members.runId === undefined ? {} : { runId }) };
}

function laterByTimer(ms: number, callback: () => void): void {
  setTimeout(callback, ms).unref();
}

/** The registry that all nodes of this process share: node sets are separate modules, but the runs span them. */
export const runs = new RunRegistry();
