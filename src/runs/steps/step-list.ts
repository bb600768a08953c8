import { levelsOf, type MessageParts } from "../../messages/message-parts.ts";
import { firstSteps, isOpen, type SequenceItem } from "../records/run-record.ts";
import { ANY_STEP } from "./outbox.ts";
import type { RegisteredNodes } from "./registered-node.ts";
import type { Step } from "./step.ts";

/** The steps of one run, in the order in which they started. */
export class StepList implements Iterable<Step> {
  readonly #steps: Step[] = [];
  readonly #running = new Set<Step>();
  /** The steps of each item of a sequence. */
  readonly #ofItem = new Map<string, Step[]>();

  [Symbol.iterator](): Iterator<Step> {
    return [...this.#steps][Symbol.iterator]();
  }

  get length(): number {
    return this.#steps.length;
  }

  get running(): Step[] {
    return [...this.#running];
  }

  /** The running steps that may be aborted. The others clean up. */
  get abortable(): Step[] {
    return this.running.filter(({ alwaysRuns }) => !alwaysRuns);
  }

  /** The steps that wait to be resumed. */
  get interrupted(): Step[] {
    return this.#steps.filter(({ record }) => record.state === "interrupted");
  }

  /** Whether a message is pending from one of the steps to another one. */
  get hasPending(): boolean {
    return this.#steps.some(({ outbox }) => outbox.hasPending);
  }

  /** Whether a message is pending for a known node. The receivers of a dynamic link call are not known. */
  get hasPendingForKnownNodes(): boolean {
    return this.#steps.some(({ outbox }) => outbox.pending.some(({ to }) => to.some((id) => id !== ANY_STEP)));
  }

  /** When a step last started or ended, in milliseconds since 1970. */
  get lastChangeAt(): number {
    return this.#steps.reduce((at, { record }) => Math.max(at, record.endedAt ?? record.startedAt), 0);
  }

  /** The steps that have received the trigger's message. If there are several passes: of the last pass. */
  get first(): Step[] {
    const records = new Set(firstSteps(this.#steps.map(({ record }) => record)));
    const first = this.#steps.filter(({ record }) => records.has(record));
    const positionOf = ({ record, received: { parts } }: Step): string =>
      `${record.nodeId} ${parts?.id ?? ""} ${parts?.index ?? ""}`;
    return [...new Map(first.map((step) => [positionOf(step), step])).values()];
  }

  restore(steps: readonly Step[]): void {
    for (const step of steps) {
      this.#steps.push(step);
      this.#index(step);
    }
  }

  add(step: Step): void {
    this.#steps.push(step);
    this.#index(step);
    this.#running.add(step);
  }

  replace(interrupted: Step, resumed: Step): void {
    this.#steps[this.#steps.indexOf(interrupted)] = resumed;
    this.#index(resumed, interrupted);
    this.#running.add(resumed);
  }

  #index(step: Step, instead?: Step): void {
    const { item } = step.record;
    if (item) {
      const others = this.ofItem(item).filter((other) => other !== instead);
      this.#ofItem.set(`${item.of} ${item.index}`, [...others, step]);
    }
  }

  ended(step: Step): void {
    this.#running.delete(step);
  }

  /** Whether a node has a step in the run. */
  hasNode(nodeId: string): boolean {
    return this.#steps.some(({ record }) => record.nodeId === nodeId);
  }

  byId(stepId: string | undefined): Step | undefined {
    return this.#steps.find(({ record }) => record.stepId === stepId);
  }

  /**
   * A node has started a step with a message of another step. A message that a join node has made from a sequence acknowledges all
   * messages of the sequence.
   *
   * @param item - the index of the message in the sequence that the sender sends
   */
  acknowledge(senderId: string, nodeId: string, parts: MessageParts | undefined, item?: number): void {
    const sender = this.byId(senderId);
    const kept = new Set(levelsOf(parts).map(({ id }) => id));
    const sentIn = [...(item === undefined ? [] : [senderId]), ...levelsOf(sender?.received.parts).map(({ id }) => id)];
    const joined = new Set(sentIn.filter((id) => !kept.has(id)));
    if (joined.size === 0) {
      sender?.outbox.acknowledge(nodeId, item);
      return;
    }
    for (const step of this.#steps) {
      const isJoined = joined.has(step.record.stepId) || levelsOf(step.received.parts).some(({ id }) => joined.has(id));
      if (step === sender || isJoined) {
        step.outbox.acknowledge(nodeId);
      }
    }
  }

  /** The flow has dropped messages that were sent before a time, in milliseconds since 1970, and that no step has received. */
  expirePending(before: number): void {
    for (const step of this) {
      step.outbox.expire(before);
    }
  }

  /** Whether a step sends a sequence, or belongs to an item of one. */
  get hasSequences(): boolean {
    return this.#ofItem.size > 0 || this.running.some(({ record }) => record.sequence !== undefined);
  }

  /** The steps of an item of a sequence. */
  ofItem({ of, index }: SequenceItem): Step[] {
    return this.#ofItem.get(`${of} ${index}`) ?? [];
  }

  /** The run has failed, so a sequence will not become complete: messages that wait in a join node are no longer expected. */
  recallSequences(): void {
    for (const step of this.#steps.filter(({ received, record }) => received.parts !== undefined || record.sequence)) {
      step.outbox.recall();
    }
  }

  /** Whether a node has started a step with a message of another step. */
  hasReceived(senderId: string, nodeId: string, item?: number): boolean {
    return this.#steps.some(
      ({ record }) =>
        record.parentStepId === senderId &&
        record.nodeId === nodeId &&
        (item === undefined || record.item?.of !== senderId || record.item.index === item),
    );
  }

  /**
   * Whether the run is going to lease instances in a node: a step of the node is running and has not requested a lease yet, or messages
   * lead to the node.
   *
   * @param hasAsked - whether the run has requested a lease in this node
   */
  leadTo(nodeId: string, nodes: RegisteredNodes, hasAsked: boolean): boolean {
    return this.#steps.some(({ record, outbox }) => {
      const isExpected = outbox.pending.some(({ to }) => to.some((id) => id === nodeId || nodes.leadsTo(id, nodeId)));
      // A step that has started precedes later runs even while it is still searching its instances.
      const isYetToAsk = !hasAsked && record.checkpoint?.leased !== true;
      return (
        isExpected || (isOpen(record) && (record.nodeId === nodeId ? isYetToAsk : nodes.leadsTo(record.nodeId, nodeId)))
      );
    });
  }
}
