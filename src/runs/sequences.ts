import { levelsOf, type MessageParts } from "../messages/message-parts.ts";
import { isOpen, itemRunId, type SequenceItem } from "../records/run-record.ts";
import type { Run } from "./run.ts";
import type { SentMessage } from "./steps/outbox.ts";
import type { Step } from "./steps/step.ts";

/** How long the next item of a sequence waits for a message that no step has received: a switch node may have dropped it. */
export const ITEM_GRACE_MS = 10_000;

/** Finds the items of sequences in the runs. An item belongs to the run of its sender, or has a run of its own. */
export class Sequences {
  readonly #runs: ReadonlyMap<string, Run>;

  constructor(runs: ReadonlyMap<string, Run>) {
    this.#runs = runs;
  }

  /** The run of a step. The flow may have changed the run id of a message, so the sender is found by the id of its step. */
  senderOf(stepId: string): Run | undefined {
    return this.#runs.get(stepId.slice(0, stepId.lastIndexOf("/")));
  }

  stepOf(stepId: string | undefined): Step | undefined {
    return stepId === undefined ? undefined : this.senderOf(stepId)?.steps.byId(stepId);
  }

  /** The item that a message belongs to. */
  itemOf(parts: MessageParts | undefined): SequenceItem | undefined {
    for (const { id, index } of levelsOf(parts)) {
      if (index !== undefined && this.stepOf(id)?.record.sequence) {
        return { of: id, index };
      }
    }
    return undefined;
  }

  /** The run that an item has of its own. */
  runOf({ of, index }: SequenceItem): Run | undefined {
    return this.stepOf(of)?.record.sequence?.hasOwnRuns ? this.#runs.get(itemRunId(of, index)) : undefined;
  }

  /** Whether an item is in a step, or on its way to one. A message that waits in a join node is not. */
  isBusy(item: SequenceItem): boolean {
    return [this.senderOf(item.of), this.runOf(item)].some((run) => run !== undefined && isBusyIn(run, item));
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
