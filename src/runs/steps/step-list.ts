import { levelsOf, type MessageParts } from "../../messages/message-parts.ts";
import { firstSteps, type SequenceItem, type StepRole } from "../../records/run-record.ts";
import { ANY_STEP } from "./outbox.ts";
import type { Step } from "./step.ts";

/** The steps of one run, in the order in which they started. */
export class StepList implements Iterable<Step> {
  /** By their ids. */
  readonly #steps = new Map<string, Step>();
  readonly #running = new Set<Step>();
  readonly #interrupted = new Set<Step>();
  /** The steps with a pending message. */
  readonly #pending = new Set<Step>();
  /** The ids of the steps of each role. */
  readonly #ofRole = new Map<StepRole, string[]>();
  /** The steps of each item of a sequence. */
  readonly #ofItem = new Map<string, Step[]>();
  #lastChangeAt = 0;

  [Symbol.iterator](): Iterator<Step> {
    return this.#all[Symbol.iterator]();
  }

  get #all(): Step[] {
    return [...this.#steps.values()];
  }

  get length(): number {
    return this.#steps.size;
  }

  get running(): Step[] {
    return [...this.#running];
  }

  get hasRunning(): boolean {
    return this.#running.size > 0;
  }

  /** The running steps that may be aborted. The others clean up. */
  get abortable(): Step[] {
    return this.running.filter(({ alwaysRuns }) => !alwaysRuns);
  }

  /** The steps that wait to be resumed. */
  get interrupted(): Step[] {
    return this.#all.filter((step) => this.#interrupted.has(step));
  }

  get hasInterrupted(): boolean {
    return this.#interrupted.size > 0;
  }

  /** Whether a message is pending from one of the steps to another one. */
  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  /** Whether a message is pending for a known node. The receivers of a dynamic link call are not known. */
  get hasPendingForKnownNodes(): boolean {
    return [...this.#pending].some(({ outbox }) => outbox.pending.some(({ to }) => to.some((id) => id !== ANY_STEP)));
  }

  /** When a step last started or ended, in milliseconds since 1970. */
  get lastChangeAt(): number {
    return this.#lastChangeAt;
  }

  /** The steps that have received the trigger's message. If there are several passes: of the last pass. */
  get first(): Step[] {
    const records = new Set(firstSteps(this.#all.map(({ record }) => record)));
    const first = this.#all.filter(({ record }) => records.has(record));
    const positionOf = ({ record, received: { parts } }: Step): string =>
      `${record.nodeId} ${parts?.id ?? ""} ${parts?.index ?? ""}`;
    return [...new Map(first.map((step) => [positionOf(step), step])).values()];
  }

  restore(steps: readonly Step[]): void {
    for (const step of steps) {
      this.add(step);
    }
  }

  add(step: Step): void {
    const { stepId, role } = step.record;
    this.#steps.set(stepId, step);
    const ofRole = this.#ofRole.get(role);
    if (ofRole) {
      ofRole.push(stepId);
    } else {
      this.#ofRole.set(role, [stepId]);
    }
    this.#index(step);
    this.update(step);
  }

  /** A resumed step takes the place of the interrupted one. */
  replace(resumed: Step): void {
    const { stepId } = resumed.record;
    const interrupted = this.#steps.get(stepId);
    if (interrupted) {
      this.#interrupted.delete(interrupted);
      this.#pending.delete(interrupted);
    }
    this.#steps.set(stepId, resumed);
    this.#index(resumed, interrupted);
    this.update(resumed);
  }

  /** Call it after each change of a step. A step that was replaced no longer counts. */
  update(step: Step): void {
    const { record, outbox } = step;
    if (this.#steps.get(record.stepId) !== step) {
      return;
    }
    put(this.#running, step, record.state === "running");
    put(this.#interrupted, step, record.state === "interrupted");
    put(this.#pending, step, outbox.hasPending);
    this.#lastChangeAt = Math.max(this.#lastChangeAt, record.endedAt ?? record.startedAt);
  }

  #index(step: Step, instead?: Step): void {
    const { item } = step.record;
    if (item) {
      const others = this.ofItem(item).filter((other) => other !== instead);
      this.#ofItem.set(`${item.of} ${item.index}`, [...others, step]);
    }
  }

  /** Whether a node has a step in the run. */
  hasNode(nodeId: string): boolean {
    return this.#all.some(({ record }) => record.nodeId === nodeId);
  }

  byId(stepId: string | undefined): Step | undefined {
    return stepId === undefined ? undefined : this.#steps.get(stepId);
  }

  /** The steps of some roles, and the steps from whose messages these follow. */
  withRoles(...roles: readonly StepRole[]): Step[] {
    const found = new Map<string, Step>();
    for (const id of roles.flatMap((role) => this.#ofRole.get(role) ?? [])) {
      let step = this.byId(id);
      while (step && !found.has(step.record.stepId)) {
        found.set(step.record.stepId, step);
        step = this.byId(step.record.parentStepId);
      }
    }
    return [...found.values()];
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
    for (const step of this.#all) {
      const isJoined = joined.has(step.record.stepId) || levelsOf(step.received.parts).some(({ id }) => joined.has(id));
      if (step === sender || isJoined) {
        step.outbox.acknowledge(nodeId);
      }
    }
  }

  /** The flow has dropped messages that were sent before a time, in milliseconds since 1970, and that no step has received. */
  expirePending(before: number): void {
    for (const step of [...this.#pending]) {
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
    for (const step of this.#all.filter(({ received, record }) => received.parts !== undefined || record.sequence)) {
      step.outbox.recall();
    }
  }

  /** Whether a node has started a step with a message of another step. */
  hasReceived(senderId: string, nodeId: string, item?: number): boolean {
    return this.#all.some(
      ({ record }) =>
        record.parentStepId === senderId &&
        record.nodeId === nodeId &&
        (item === undefined || record.item?.of !== senderId || record.item.index === item),
    );
  }
}

function put(set: Set<Step>, step: Step, isIn: boolean): void {
  if (isIn) {
    set.add(step);
  } else {
    set.delete(step);
  }
}
