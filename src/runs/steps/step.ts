import { abortedError, PipelineError } from "../../errors/pipeline-error.ts";
import { raceAbort } from "../../polling/race-abort.ts";
import type { Fact, Facts } from "../facts/fact.ts";
import type { RunInstances } from "../instances/run-instances.ts";
import type { JournalStep } from "../journal/journal-run.ts";
import { journalWriteFailed } from "../journal/journal-write-failed.ts";
import type { Saved } from "../journal/run-file.ts";
import { type HandedOn, Outbox, type Outlet } from "../messages/handed-on.ts";
import { ReceivedMessage } from "../messages/received-message.ts";
import { type SafeCopy, safeObject } from "../messages/safe-copy.ts";
import type { StepProgress, StepRecord, StepState } from "../records/run-record.ts";
import { recorded, safeError } from "./recorded-error.ts";
import { newsOf, withLines } from "./step-log.ts";
import type { StepRun, Urgency } from "./step-run.ts";

/** Who a step is. */
export interface StepIdentity {
  readonly nodeId: string;
  readonly type: string;
  readonly name: string;
  /** A step that cleans up (stops an instance): it also starts in a run that has failed, and another step's failure does not abort it. */
  readonly alwaysRuns: boolean;
}

/**
 * Why a step is aborted: its flow was stopped (`closed`), its node was deleted or disabled (`removed`), its run has come to its end
 * in another branch (`skipped`), and so on.
 */
export type AbortCause = "closed" | "removed" | "sibling failed" | "canceled" | "skipped";

/** What a step has received, and what it had already handed on in an earlier life. */
export interface StepPast {
  readonly received?: SafeCopy | undefined;
  /** The message itself, as long as this process has it. */
  readonly live?: unknown;
  readonly handedOn?: readonly HandedOn[] | undefined;
  /** What of that this process has put on its way. */
  readonly timed?: Iterable<Outlet>;
  /** Why a user has canceled it. */
  readonly cancelReason?: string | undefined;
}

/** One node's work on one message of one run. */
export class Step {
  readonly record: StepRecord;
  readonly alwaysRuns: boolean;
  readonly received: ReceivedMessage;
  /** What has left the step, and who is to take it up. */
  readonly outbox: Outbox;
  readonly #run: StepRun<Step>;
  /** Made when somebody asks: of a thousand runs most steps are over. */
  #abortController: AbortController | undefined;
  #journaled: JournalStep | undefined;
  /** By the monotonic clock, since the date of the machine may be set while the step works. */
  readonly #bornAt = performance.now();
  readonly #resumedAt: number;
  #cancelReason: string | undefined;

  constructor(
    run: StepRun<Step>,
    record: StepRecord,
    alwaysRuns: boolean,
    { received, live, handedOn, timed, cancelReason }: StepPast = {},
  ) {
    this.#cancelReason = cancelReason;
    this.#run = run;
    this.#resumedAt = run.now();
    this.record = record;
    this.alwaysRuns = alwaysRuns;
    this.received = new ReceivedMessage(received, live);
    this.outbox = new Outbox(handedOn, () => this.#changed("now"), timed);
  }

  /** A step that an earlier process has left: if it was working, it was interrupted. */
  static restore(run: StepRun<Step>, kept: JournalStep): Step {
    const { alwaysRuns, message, leftOut = [], handedOn, cancelReason, ...record } = kept;
    const state = record.state === "working" ? "interrupted" : record.state;
    const received = message === undefined ? undefined : { value: message, leftOut };
    return new Step(run, { ...record, state }, alwaysRuns, { received, handedOn, cancelReason });
  }

  /** The step's next life: it works, and goes on from its checkpoint. What still holds the earlier one changes nothing any more. */
  again(): Step {
    const { endedAt: _endedAt, error: _error, progress: _progress, ...record } = this.record;
    const resumed = (record.resumed ?? 0) + 1;
    const past = {
      ...this.past,
      handedOn: this.outbox.toJournal(),
      timed: this.outbox.timed,
      cancelReason: this.#cancelReason,
    };
    return new Step(this.#run, { ...record, state: "working", resumed }, this.alwaysRuns, past);
  }

  /** Who the step is, for another one in its place. */
  get identity(): StepIdentity {
    const { nodeId, type, name } = this.record;
    return { nodeId, type, name, alwaysRuns: this.alwaysRuns };
  }

  /** What another step in its place begins with. */
  get past(): StepPast {
    return { received: this.received.copy, live: this.received.live };
  }

  /** The ids of what the step had begun elsewhere when it was left, or when its last try failed; empty for a new step. */
  get checkpointed(): Readonly<Record<string, unknown>> {
    return this.record.checkpoint ?? {};
  }

  /**
   * For how long the step has worked, in milliseconds: of its life in this process by the monotonic clock, and of earlier ones by its
   * record.
   */
  get elapsedMs(): number {
    const earlierMs = this.record.resumed === undefined ? 0 : Math.max(0, this.#resumedAt - this.record.startedAt);
    return earlierMs + performance.now() - this.#bornAt;
  }

  /** How many runs go on, this one included. */
  get runsUnderWay(): number {
    return this.#run.runsUnderWay;
  }

  /** The run's use of instances. */
  get instances(): RunInstances {
    return this.#run.instances;
  }

  /**
   * To be called before the step begins anything on these instances: a branch beside it may have come to the end of the run.
   *
   * @throws PipelineError `ABORTED`, and the step ends as skipped
   */
  skipIfClosed(instanceIds: readonly string[]): void {
    const why = this.#run.whyClosed(this.record, instanceIds);
    if (why !== undefined) {
      this.abort("skipped", why);
    }
    this.signal.throwIfAborted();
  }

  /** Whether EC2 has said since that an instance of this step is off. */
  isOff(instanceId: string): boolean {
    return Object.hasOwn(Object(this.record.checkpoint?.off), instanceId);
  }

  /** EC2 says that an instance is off: if this step has started it, it is on no more. */
  noteOff(instanceId: string): void {
    const { instanceIds, off } = this.record.checkpoint ?? {};
    const known: object = Object(off);
    if (Array.isArray(instanceIds) && instanceIds.includes(instanceId) && !Object.hasOwn(known, instanceId)) {
      this.record.checkpoint = { ...this.record.checkpoint, off: { ...known, [instanceId]: this.#run.now() } };
      this.#changed("now");
    }
  }

  /**
   * Resolves when all runs that began earlier have passed this step's node: none of their steps there works that is not `isPassed`.
   * `onQueued` is called if that has to be waited for.
   */
  async untilEarlierRuns(isPassed: (step: StepRecord) => boolean, onQueued: () => void): Promise<void> {
    await this.#run.untilEarlierSteps(this.record.nodeId, isPassed, onQueued, this.signal);
  }

  /**
   * Records that a message leaves the step for the nodes `to`, which are to take it up.
   *
   * @returns false when the step must not send it: it has, in an earlier life, or its node is gone
   */
  handOn(outlet: Outlet, message: unknown, to: readonly string[]): boolean {
    if (this.isClosed || this.abortCause === "removed" || this.outbox.has(outlet)) {
      return false;
    }
    this.outbox.put(outlet, message, to, this.#run.now());
    if (to.length > 0) {
      this.#run.expectTakeUp();
    }
    return true;
  }

  /** Hands on once more what nobody has taken up. */
  handOnAgain(outlet: Outlet): void {
    if (this.outbox.repeat(outlet, this.#run.now())) {
      this.#run.expectTakeUp();
    }
  }

  /** The step is tried again after a failure that may pass. */
  retrying(attempt: number, why: string): void {
    this.record.attempt = attempt;
    this.#write([`tried again: ${why}`]);
    this.record.progress = { state: "retrying", message: why };
    this.#changed("now");
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
    const reason: unknown = this.#abortController?.signal.reason;
    return reason instanceof PipelineError ? (reason.details.cause as AbortCause | undefined) : undefined;
  }

  /** Whether the step was aborted because its flow was stopped or deployed again: what it has begun elsewhere goes on without us. */
  get isClosed(): boolean {
    return this.abortCause === "closed";
  }

  abort(cause: AbortCause, reason: string): void {
    this.#controller.abort(new PipelineError("ABORTED", `Stopped: ${reason}`, { details: { cause } }));
  }

  progress(progress: StepProgress): void {
    this.#write(newsOf(progress, this.record.progress));
    this.record.progress = progress;
    this.#changed("soon");
  }

  /**
   * Records what the step is about to begin elsewhere, before it begins it; with that it is found again after a crash, and never
   * begun twice. An undefined id is forgotten. Resolves when it is on the disk; without a journal, at once.
   *
   * @throws PipelineError `JOURNAL_WRITE_FAILED`: the disk does not take it, so that the step must not begin; `ABORTED`. A step that
   *   always runs goes on: an instance that stays on costs more than a second request to stop it.
   */
  async intend(ids: Readonly<Record<string, unknown>>): Promise<void> {
    this.#note(ids);
    await this.#demand(() => this.#run.saved());
  }

  /**
   * Records the ids of work that the step has begun elsewhere. An undefined one is forgotten. Resolves when they are on the disk, or
   * the disk has refused them: what has begun goes on, and the journal goes on trying.
   */
  async checkpoint(ids: Readonly<Record<string, unknown>>): Promise<void> {
    this.#note(ids);
    await this.#run.saved();
  }

  #note(ids: Readonly<Record<string, unknown>>): void {
    const known = Object.entries({ ...this.record.checkpoint, ...ids }).filter(([, id]) => id !== undefined);
    this.record.checkpoint = Object.fromEntries(known);
    this.#changed("now");
  }

  /** Adds lines to the step's log: what a script has said, for example. */
  log(...lines: string[]): void {
    if (lines.length > 0) {
      this.#write(lines);
      this.#changed("soon");
    }
  }

  #write(lines: readonly string[]): void {
    if (lines.length > 0) {
      this.record.log = withLines(this.record.log ?? [], lines, this.#run.now());
    }
  }

  /**
   * Resolves when the disk knows of the step's run: what no record tells of must not begin anything elsewhere.
   *
   * @throws PipelineError as {@link intend}
   */
  async isKept(): Promise<void> {
    await this.#demand(() => this.#run.kept());
  }

  async #demand(save: () => Promise<Saved>): Promise<void> {
    if (this.alwaysRuns) {
      void save();
      return;
    }
    const refusal = await raceAbort(save(), this.signal);
    if (refusal) {
      throw journalWriteFailed(refusal, this.runId, `${this.record.name} has begun nothing`);
    }
  }

  /** Cancels the step because a user asked for it. Resolves when the disk knows that, or with why it does not. */
  async cancel(reason: string): Promise<Saved> {
    this.#cancelReason = reason;
    this.abort("canceled", reason);
    this.#changed("now");
    return await this.#run.saved();
  }

  /** What was canceled in an earlier process stays so. */
  cancelAgain(): void {
    if (this.#cancelReason !== undefined) {
      this.abort("canceled", this.#cancelReason);
    }
  }

  /** What the steps of the run tell each other. */
  get facts(): Facts {
    return this.#run.facts;
  }

  /** Tells all runs: instances don't belong to one. */
  tellEveryRun(fact: Fact): void {
    this.#run.tellEveryRun(fact);
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
    // First the run, so that its other steps see a failure and not the end of this step.
    this.#run.abortOthers(this, error);
    this.#end("failed");
  }

  /** Ends the step as skipped or aborted, or as interrupted when its flow was stopped under it: not a failure. */
  drop(error: PipelineError = abortedError(this.signal.reason)): void {
    this.record.error = recorded(error);
    if (this.abortCause === "removed") {
      this.#run.abandon(error.message.replace(/^Stopped: /, ""));
    }
    this.#end(this.isClosed ? "interrupted" : this.abortCause === "skipped" ? "skipped" : "aborted");
  }

  /** Ends an interrupted step that nobody is left to take up. */
  orphan(reason: string): void {
    this.record.state = "aborted";
    this.record.error = recorded(abortedError(reason));
    this.#journaled = undefined;
    this.#run.ended(this);
  }

  /** A retry of the run has put another step in this one's place. */
  redone(redoneBy: string): void {
    this.record.redoneBy = redoneBy;
    this.received.letGo();
    this.outbox.expire(Number.POSITIVE_INFINITY);
    this.#changed("now");
  }

  /** The flow has gone on from this step's bad end with another one: there is nothing left to retry. */
  leftBehind(redoneBy: string): void {
    const { state } = this.record;
    if (this.record.redoneBy === undefined && (state === "failed" || state === "aborted")) {
      this.record.redoneBy = redoneBy;
      this.#changed("now");
    }
  }

  /** The step as the journal keeps it: without secrets, and with the message, for a restart or a retry. */
  toJournal(): JournalStep {
    if (this.#journaled) {
      return this.#journaled;
    }
    const { progress, checkpoint, error, ...record } = this.record;
    const received = this.received.copy;
    const kept = {
      ...record,
      ...(progress && { progress: safeObject(progress as Record<string, unknown>) }),
      ...(checkpoint && { checkpoint: safeObject(checkpoint) }),
      ...(error && { error: safeError(error) }),
      alwaysRuns: this.alwaysRuns,
      ...(this.#cancelReason !== undefined && isUnderWay(record.state) && { cancelReason: this.#cancelReason }),
      ...(received && { message: received.value, leftOut: received.leftOut }),
      handedOn: this.outbox.toJournal(),
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
      this.received.letGo();
    }
    this.#journaled = undefined;
    this.#run.ended(this);
  }

  get #controller(): AbortController {
    this.#abortController ??= new AbortController();
    return this.#abortController;
  }

  #changed(urgency: Urgency): void {
    this.#journaled = undefined;
    this.#run.changed(urgency);
  }
}

function isUnderWay(state: StepState): boolean {
  return state === "working" || state === "interrupted";
}
