import { ownEntry } from "../errors/own-entry.ts";
import type { JournalEvents } from "../journal/journal-run.ts";
import { safeObject } from "../messages/safe-copy.ts";

/** A command has started on an instance. */
export interface CommandStarted {
  readonly kind: "command-started";
  readonly instanceId: string;
  readonly commandId: string;
}

/** A command has ended on an instance, as its follower saw it. */
export interface CommandEnded {
  readonly kind: "command-ended";
  readonly instanceId: string;
  readonly commandId: string;
  readonly succeeded: boolean;
  /** The instance stopped while the command was running, see `instances-lost`. */
  readonly isLost?: true;
  /** A description of a command that did not succeed: exit code, time limit, end of the output. */
  readonly summary: string;
}

/** Something happened to instances. */
interface InstancesEvent<K extends string> {
  readonly kind: K;
  readonly instanceIds: readonly string[];
}

/** Instances stopped although a run uses them and no step has asked for it. */
interface InstancesLost {
  readonly kind: "instances-lost";
  readonly instanceIds: readonly string[];
  /** EC2's name of the state; completes "The instance is ...". */
  readonly state: string;
}

/** A step waits for the Lightly run of the worker (`awaited`), or no longer does (`over`). That step decides whether the worker has failed. */
export interface SelectionEvent {
  readonly kind: "selection";
  readonly state: "awaited" | "over";
}

/** Something that happened in one step of a run, for the other steps. */
export type RunEvent =
  | CommandStarted
  | CommandEnded
  /** A start step has made them ready for commands. */
  | InstancesEvent<"instances-started">
  /** A stop was requested: what runs there will end, and that is no failure. */
  | InstancesEvent<"instances-stopping">
  | InstancesEvent<"instances-stopped">
  /** A stop step keeps them running for other runs: this run no longer needs them. */
  | InstancesEvent<"instances-released">
  | InstancesLost
  | SelectionEvent;

/** The events of one kind. */
type RunEventOf<K extends RunEvent["kind"]> = Extract<RunEvent, { kind: K }>;

/** The events that the steps of one run emit for each other. They are stored in the journal, so that a resumed step gets earlier events. */
export class RunEvents {
  readonly #events: RunEvent[] = [];
  readonly #listeners = new Set<(event: RunEvent) => void>();
  readonly #onEmit: () => void;
  /** How many of the events the journal has read. */
  #read = 0;
  /** Whether the journal has read events that were cleared since. */
  #hasCleared = false;

  constructor(onEmit: () => void) {
    this.#onEmit = onEmit;
  }

  /** Whether there is a subscription. A subscription may outlast the steps. */
  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  emit(event: RunEvent): void {
    this.#events.push(event);
    for (const listener of [...this.#listeners]) {
      listener(event);
    }
    this.#onEmit();
  }

  /** Calls `listener` with each event of a kind, earlier ones included. The returned function ends the subscription. */
  subscribe<K extends RunEvent["kind"]>(kind: K, listener: (event: RunEventOf<K>) => void): () => void {
    for (const event of this.#events.filter(isOf(kind))) {
      listener(event);
    }
    return this.subscribeNew(kind, listener);
  }

  /** Like {@link subscribe}, without earlier events: for temporary conditions, such as a stopped instance. */
  subscribeNew<K extends RunEvent["kind"]>(kind: K, listener: (event: RunEventOf<K>) => void): () => void {
    const filtered = (event: RunEvent): void => {
      if (isOf(kind)(event)) {
        listener(event);
      }
    };
    this.#listeners.add(filtered);
    return () => this.#listeners.delete(filtered);
  }

  /** The newest event of a kind. */
  latest<K extends RunEvent["kind"]>(kind: K): RunEventOf<K> | undefined {
    return this.#events.findLast(isOf(kind));
  }

  clear(): void {
    this.#events.length = 0;
    this.#hasCleared = this.#hasCleared || this.#read > 0;
    this.#read = 0;
  }

  /** Restores the events of a journal. Events that this version does not know are dropped. */
  restore(events: readonly unknown[]): void {
    this.#events.push(...events.filter(isKnownEvent));
  }

  /** The events without secrets: an event may quote the output of a script. */
  toJournal(): RunEvent[] {
    this.#hasCleared = false;
    this.#read = this.#events.length;
    return this.#events.map(withoutSecrets);
  }

  /** What has changed since the journal has read the events; undefined if nothing has. */
  changesForJournal(): JournalEvents | undefined {
    const kept = this.#read;
    const added = this.#events.slice(kept);
    const hasChanged = this.#hasCleared || added.length > 0;
    this.#hasCleared = false;
    this.#read = this.#events.length;
    return hasChanged ? { kept, added: added.map(withoutSecrets) } : undefined;
  }
}

/** The copies for the disk. A broadcast event is in the list of each run. */
const copies = new WeakMap<RunEvent, RunEvent>();

function withoutSecrets(event: RunEvent): RunEvent {
  let copy = copies.get(event);
  if (!copy) {
    copy = safeObject({ ...event }) as unknown as RunEvent;
    copies.set(event, copy);
  }
  return copy;
}

function isOf<K extends RunEvent["kind"]>(kind: K): (event: RunEvent) => event is RunEventOf<K> {
  return (event): event is RunEventOf<K> => event.kind === kind;
}

const hasInstances = ({ instanceIds }: Record<string, unknown>): boolean =>
  Array.isArray(instanceIds) && instanceIds.every(isString);

/** The members that the listeners of an event need, by kind. */
const MEMBERS: Readonly<Record<string, (event: Record<string, unknown>) => boolean>> = {
  "command-started": ({ instanceId, commandId }) => isString(instanceId) && isString(commandId),
  "command-ended": ({ instanceId, commandId, succeeded, summary }) =>
    isString(instanceId) && isString(commandId) && typeof succeeded === "boolean" && isString(summary),
  "instances-started": hasInstances,
  "instances-stopping": hasInstances,
  "instances-stopped": hasInstances,
  "instances-lost": (event) => hasInstances(event) && isString(event.state),
  "instances-released": hasInstances,
  selection: ({ state }) => state === "awaited" || state === "over",
};

/** Whether a value of a journal is an event that this version knows. */
export function isKnownEvent(event: unknown): event is RunEvent {
  if (typeof event !== "object" || event === null || !("kind" in event) || typeof event.kind !== "string") {
    return false;
  }
  return ownEntry(MEMBERS, event.kind)?.({ ...event }) ?? false;
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}
