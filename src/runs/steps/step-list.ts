import { ANY_STEP } from "../messages/handed-on.ts";
import type { MessageParts } from "../messages/message-parts.ts";
import type { Step } from "./step.ts";
import type { StepDoor } from "./step-door.ts";

/** The steps of one run, in the order in which they began. */
export class StepList implements Iterable<Step> {
  readonly #steps: Step[] = [];
  readonly #working = new Set<Step>();

  [Symbol.iterator](): Iterator<Step> {
    return [...this.#steps][Symbol.iterator]();
  }

  get length(): number {
    return this.#steps.length;
  }

  get working(): Step[] {
    return [...this.#working];
  }

  /** Those that work and may be aborted: the others clean up. */
  get abortable(): Step[] {
    return this.working.filter(({ alwaysRuns }) => !alwaysRuns);
  }

  /** Those that wait to be taken up again. */
  get interrupted(): Step[] {
    return this.#steps.filter(({ record }) => record.state === "interrupted");
  }

  /** Whether a message is on its way from one of them to another one. */
  get areExpectingTakeUp(): boolean {
    return this.#steps.some(({ outbox }) => outbox.pending.length > 0);
  }

  /** Whether one of them is awaited by a node; behind a dynamic link call there may be none. */
  get areExpectedSomewhere(): boolean {
    return this.#steps.some(({ outbox }) => outbox.pending.some(({ to }) => to.some((id) => id !== ANY_STEP)));
  }

  /** When something last happened to one of them, as far as is known. */
  get lastChangeAt(): number {
    return this.#steps.reduce((at, { record }) => Math.max(at, record.endedAt ?? record.startedAt), 0);
  }

  /** Those to which the trigger's message came; of several passes those of the last one. */
  get first(): Step[] {
    const first = this.#steps.filter(({ record }) => record.from === undefined && record.redoneBy === undefined);
    const placeOf = ({ record, received: { parts } }: Step): string =>
      `${record.nodeId} ${parts?.id ?? ""} ${parts?.index ?? ""}`;
    return [...new Map(first.map((step) => [placeOf(step), step])).values()];
  }

  restore(steps: readonly Step[]): void {
    for (const step of steps) {
      this.#steps.push(step);
    }
  }

  add(step: Step): void {
    this.#steps.push(step);
    this.#working.add(step);
  }

  replace(left: Step, again: Step): void {
    this.#steps[this.#steps.indexOf(left)] = again;
    this.#working.add(again);
  }

  ended(step: Step): void {
    this.#working.delete(step);
  }

  byId(stepId: string | undefined): Step | undefined {
    return this.#steps.find(({ record }) => record.stepId === stepId);
  }

  /**
   * A node has begun a step with a message of that one. If the message is one that a join has made of a sequence, it is the message
   * of all that belong to the sequence.
   */
  takenUp(stepId: string, nodeId: string, parts: MessageParts | undefined): void {
    const sender = this.byId(stepId);
    const sequence = sender?.received.parts;
    const isJoined = sequence !== undefined && sequence.id !== parts?.id;
    for (const step of this.#steps) {
      const isOfSequence = step.record.nodeId === sender?.record.nodeId && step.received.parts?.id === sequence?.id;
      if (step === sender || (isJoined && isOfSequence)) {
        step.outbox.takenUp(nodeId);
      }
    }
  }

  /** A run has failed: a join that waits for all of a sequence will wait in vain. */
  recallSequences(): void {
    for (const step of this.#steps.filter(({ received }) => received.parts !== undefined)) {
      step.outbox.recall();
    }
  }

  /** Whether a node has begun a step with a message of that one. */
  hasTakenUp(from: string, nodeId: string): boolean {
    return this.#steps.some(({ record }) => record.from === from && record.nodeId === nodeId);
  }

  /** Whether one works, or is about to, from whose node messages come to that one, or in that node without having asked for its turn. */
  areOnTheirWayTo(nodeId: string, doorOf: (nodeId: string) => StepDoor | undefined, hasAsked: boolean): boolean {
    const leads = (id: string): boolean => doorOf(id)?.leadsTo(nodeId) ?? false;
    return this.#steps.some(({ record, outbox }) => {
      const isAtWork = record.state === "working" || record.state === "interrupted";
      const isExpected = outbox.pending.some(({ to }) => to.some((id) => id === nodeId || leads(id)));
      // One that has arrived comes before those that began later, also while it still looks for its instances.
      const isYetToAsk = !hasAsked && record.checkpoint?.claimed !== true;
      return isExpected || (isAtWork && (record.nodeId === nodeId ? isYetToAsk : leads(record.nodeId)));
    });
  }
}
