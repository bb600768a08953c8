import type { MessageParts } from "../../messages/message-parts.ts";
import { isOpen } from "../records/run-record.ts";
import { ANY_STEP } from "./outbox.ts";
import type { RegisteredNodes } from "./registered-node.ts";
import type { Step } from "./step.ts";

/** The steps of one run, in the order in which they started. */
export class StepList implements Iterable<Step> {
  readonly #steps: Step[] = [];
  readonly #running = new Set<Step>();

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
    return this.#steps.some(({ outbox }) => outbox.pending.length > 0);
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
    const first = this.#steps.filter(
      ({ record }) => record.parentStepId === undefined && record.replacedBy === undefined,
    );
    const positionOf = ({ record, received: { parts } }: Step): string =>
      `${record.nodeId} ${parts?.id ?? ""} ${parts?.index ?? ""}`;
    return [...new Map(first.map((step) => [positionOf(step), step])).values()];
  }

  restore(steps: readonly Step[]): void {
    this.#steps.push(...steps);
  }

  add(step: Step): void {
    this.#steps.push(step);
    this.#running.add(step);
  }

  replace(interrupted: Step, resumed: Step): void {
    this.#steps[this.#steps.indexOf(interrupted)] = resumed;
    this.#running.add(resumed);
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
   * A node has started a step with a message of another step. A message that a join node has made from a sequence acknowledges the
   * messages of all steps of the sequence.
   */
  acknowledge(senderId: string, nodeId: string, parts: MessageParts | undefined): void {
    const sender = this.byId(senderId);
    const sequence = sender?.received.parts;
    const isJoined = sequence !== undefined && sequence.id !== parts?.id;
    for (const step of this.#steps) {
      const isOfSequence = step.record.nodeId === sender?.record.nodeId && step.received.parts?.id === sequence?.id;
      if (step === sender || (isJoined && isOfSequence)) {
        step.outbox.acknowledge(nodeId);
      }
    }
  }

  /** The run has failed, so a sequence will not become complete: messages that wait in a join node are no longer expected. */
  recallSequences(): void {
    for (const step of this.#steps.filter(({ received }) => received.parts !== undefined)) {
      step.outbox.recall();
    }
  }

  /** Whether a node has started a step with a message of another step. */
  hasReceived(senderId: string, nodeId: string): boolean {
    return this.#steps.some(({ record }) => record.parentStepId === senderId && record.nodeId === nodeId);
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
