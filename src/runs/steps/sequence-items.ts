import { safeCopy } from "../../messages/safe-copy.ts";
import type { RecordedError, StepSequence } from "../../records/run-record.ts";
import type { Run } from "../run.ts";
import type { Step } from "./step.ts";

/** How the items of a sequence are sent: see {@link StepSequence}. */
export type SequenceOptions = Pick<StepSequence, "maxFailures" | "hasOwnRuns">;

/** What a step sends as a sequence of messages: one for each item. */
export class SequenceItems {
  readonly #step: Step;
  readonly #run: Run;
  readonly #changed: () => void;
  #items: readonly unknown[] | undefined;
  /** The same for the disk: null for an item that can't be stored as it is, such as a path that looks like a secret. */
  #saved: readonly unknown[] | undefined;

  /** @param items - those of an earlier attempt */
  constructor(step: Step, run: Run, changed: () => void, items: readonly unknown[] | undefined) {
    this.#step = step;
    this.#run = run;
    this.#changed = changed;
    this.#items = items;
    this.#saved = items;
  }

  /** The items: plain JSON; null for one that was not restored after a restart; undefined if the step sends no sequence, or has sent all of it. */
  get all(): readonly unknown[] | undefined {
    return this.#items;
  }

  /** The items for the disk. */
  get saved(): readonly unknown[] | undefined {
    return this.#saved;
  }

  /**
   * Saves what the step is going to send before the first message leaves: after a crash it sends the others.
   *
   * @throws PipelineError, see {@link Step.saveIntent}
   */
  async save(options: SequenceOptions, items: readonly unknown[]): Promise<void> {
    this.#set(options, items);
    await this.#step.saveIntent({});
  }

  #set({ maxFailures, hasOwnRuns }: SequenceOptions, items: readonly unknown[]): void {
    this.#items = items;
    // A mask must never be used as a value.
    this.#saved = items.map((item) => safeCopy(item)).map(({ value, omitted }) => (omitted.length > 0 ? null : value));
    const options = { maxFailures, ...(hasOwnRuns && { hasOwnRuns }) };
    this.#step.record.sequence = { ...options, count: items.length, ended: 0, failures: [] };
  }

  /** The retry of a step sends the items that have not completed. */
  continueFrom({ record: { sequence, stepId }, sequence: old }: Step): void {
    if (sequence && old.all) {
      const failed = new Set(sequence.failures.map(({ index }) => index));
      const isDone = (index: number): boolean =>
        old.hasSent(index) &&
        !failed.has(index) &&
        !old.#isOwnRunLost(index) &&
        this.#run.steps.ofItem({ of: stepId, index }).every(({ record }) => record.state === "completed");
      this.#set(
        sequence,
        old.all.filter((_item, index) => !isDone(index)),
      );
    }
  }

  /** Forgets the items: all of them were sent. */
  clear(): void {
    this.#items = undefined;
    this.#saved = undefined;
  }

  /** Whether an item was sent. An item with its own run may have been sent although this run could no longer be saved. */
  hasSent(index: number): boolean {
    const { outbox } = this.#step;
    return outbox.hasItem(index) || this.#ownRun(index) !== undefined;
  }

  /** Whether every item was sent, or has failed before. */
  get isSent(): boolean {
    const failed = new Set(this.#step.record.sequence?.failures.map(({ index }) => index));
    return this.#items?.every((_item, index) => failed.has(index) || this.hasSent(index)) ?? false;
  }

  /** Resolves when the further steps of an item that was sent have ended. */
  async waitFor(index: number): Promise<void> {
    const { all } = this.#run.registry;
    const item = { of: this.#step.record.stepId, index };
    await this.#step.waitUntil(() => !all.isBusy(item));
    const own = this.#ownRun(index)?.liveRecord();
    if (own && (own.state === "failed" || own.state === "aborted")) {
      this.failed(index, "", own.error ?? { code: "ABORTED", message: "Its run was aborted." });
    }
  }

  /** The step has ended before its items: those with their own runs end too, and clean up as after any abort. */
  abortOwnRuns(reason: string): void {
    const { count = 0, hasOwnRuns } = this.#step.record.sequence ?? {};
    for (let index = 0; hasOwnRuns && index < count; index += 1) {
      this.#ownRun(index)?.abort(reason);
    }
  }

  /** Whether the item has a run of its own that has failed or is being aborted. */
  #isOwnRunLost(index: number): boolean {
    const own = this.#ownRun(index);
    return own !== undefined && (own.isFinal || own.liveRecord().state === "failed");
  }

  #ownRun(index: number): Run | undefined {
    return this.#run.registry.all.runOfItem({ of: this.#step.record.stepId, index });
  }

  /** Records how many items have ended. It is saved with the next change. */
  ended(ended: number): void {
    this.#change((sequence) => ({ ...sequence, ended }));
  }

  /**
   * Records the failure of an item, once.
   *
   * @returns whether the run continues: not too many have failed, and not all of them
   */
  failed(index: number, nodeId: string, { code, message }: Pick<RecordedError, "code" | "message">): boolean {
    this.#change((sequence) => {
      const others = sequence.failures.filter((failure) => failure.index !== index);
      return { ...sequence, failures: [...others, { index, nodeId, code, message: message.slice(0, 500) }] };
    });
    const { count = 0, maxFailures = 0, failures = [] } = this.#step.record.sequence ?? {};
    return failures.length <= maxFailures && failures.length < count;
  }

  /** A node that had failed for an item has succeeded for it. */
  recovered(index: number, nodeId: string): void {
    const isIt = (failure: StepSequence["failures"][number]): boolean =>
      failure.index === index && failure.nodeId === nodeId;
    if (this.#step.record.sequence?.failures.some(isIt)) {
      this.#change((sequence) => ({ ...sequence, failures: sequence.failures.filter((one) => !isIt(one)) }));
    }
  }

  #change(change: (sequence: StepSequence) => StepSequence): void {
    const { record } = this.#step;
    if (record.sequence) {
      record.sequence = change(record.sequence);
      this.#changed();
    }
  }
}
