import { levelsOf, type MessageParts } from "../messages/message-parts.ts";
import { isOpen, itemRunId, type SequenceItem, type StepRecord } from "../records/run-record.ts";
import type { Run } from "./run.ts";
import type { SentMessage } from "./steps/outbox.ts";
import type { Step } from "./steps/step.ts";

/** How long the next item of a sequence waits for a message that no step has received: a switch node may have dropped it. */
export const ITEM_GRACE_MS = 10_000;

/** The known runs, the newest last, and the questions that concern several of them. */
export class RunList implements Iterable<Run> {
  readonly #runs = new Map<string, Run>();
  readonly #firstAtNode = new Map<string, { readonly version: number; readonly order: number }>();

  [Symbol.iterator](): Iterator<Run> {
    return this.#runs.values();
  }

  get(runId: string): Run | undefined {
    return this.#runs.get(runId);
  }

  has(runId: string): boolean {
    return this.#runs.has(runId);
  }

  add(run: Run): void {
    this.#runs.set(run.runId, run);
  }

  delete(runId: string): void {
    this.#runs.delete(runId);
  }

  clear(): void {
    this.#runs.clear();
  }

  get active(): Run[] {
    return [...this].filter((run) => run.isActive);
  }

  /** The active runs that began before the one with this number. */
  activeBefore(order: number): Run[] {
    return this.active.filter((run) => run.order < order);
  }

  /** The steps of all runs. */
  get steps(): Step[] {
    return [...this].flatMap((run) => [...run.steps]);
  }

  /**
   * Returns the runs to remove: those that are over and too old, and the oldest ones above the maximum that are not active.
   *
   * @param notBefore - runs that have not changed since are too old; in milliseconds since 1970
   */
  expired({ maxRuns, notBefore }: { readonly maxRuns: number; readonly notBefore: number }): Run[] {
    let surplus = this.#runs.size - maxRuns;
    return [...this].filter((run) => {
      const isRemoved = run.isOver && (run.lastChangeAt < notBefore || (surplus > 0 && !run.isActive));
      surplus -= isRemoved ? 1 : 0;
      return isRemoved;
    });
  }

  /**
   * Returns the number of the earliest run that has not passed a node, `Infinity` if there is none. All runs are searched once per change,
   * because a thousand may wait for the result.
   *
   * @param version - changes with every change of a run
   * @param isPassed - whether a step in the node no longer holds later runs; the same for all steps in the node
   */
  firstAtNode(nodeId: string, isPassed: (step: StepRecord) => boolean, version: number): number {
    const known = this.#firstAtNode.get(nodeId);
    if (known?.version === version) {
      return known.order;
    }
    const holds = (record: StepRecord): boolean => record.nodeId === nodeId && isOpen(record) && !isPassed(record);
    let order = Number.POSITIVE_INFINITY;
    for (const run of this) {
      if (run.order < order && run.isActive && [...run.steps].some(({ record }) => holds(record))) {
        order = run.order;
      }
    }
    this.#firstAtNode.set(nodeId, { version, order });
    return order;
  }

  /** The run of a step. The flow may have changed the run id of a message, so the sender of a message is found by the id of its step. */
  runOfStep(stepId: string): Run | undefined {
    return this.#runs.get(stepId.slice(0, stepId.lastIndexOf("/")));
  }

  stepById(stepId: string | undefined): Step | undefined {
    return stepId === undefined ? undefined : this.runOfStep(stepId)?.steps.byId(stepId);
  }

  /** The item of a sequence that a message belongs to. */
  itemOf(parts: MessageParts | undefined): SequenceItem | undefined {
    for (const { id, index } of levelsOf(parts)) {
      if (index !== undefined && this.stepById(id)?.record.sequence) {
        return { of: id, index };
      }
    }
    return undefined;
  }

  /** The run that an item has of its own; undefined if it belongs to the run of its sender. */
  runOfItem({ of, index }: SequenceItem): Run | undefined {
    return this.stepById(of)?.record.sequence?.hasOwnRuns ? this.#runs.get(itemRunId(of, index)) : undefined;
  }

  /** Whether an item is in a step, or on its way to one. A message that waits in a join node is not. */
  isBusy(item: SequenceItem): boolean {
    return [this.runOfStep(item.of), this.runOfItem(item)].some((run) => run !== undefined && isBusyIn(run, item));
  }
}

/** If the sequence was sent by another run, the whole run belongs to the item. */
function isBusyIn(run: Run, item: SequenceItem): boolean {
  const latest = run.now() - ITEM_GRACE_MS;
  const isOnItsWay = ({ to, at, isCollected }: SentMessage): boolean => to.length > 0 && at > latest && !isCollected;
  const source = run.steps.byId(item.of);
  const pending = source?.outbox.pendingItem(item.index);
  const steps = source ? run.steps.ofItem(item) : [...run.steps];
  return (
    (pending !== undefined && isOnItsWay(pending)) ||
    steps.some(({ record, outbox }) => isOpen(record) || outbox.pending.some(isOnItsWay))
  );
}
