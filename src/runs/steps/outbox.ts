import { copyMessage, type SafeCopy } from "../../messages/safe-copy.ts";
import { IndexSet } from "./index-set.ts";

/** An output of a node, or its Catch nodes. */
export type Outlet = number | "error";

/** Represents the unknown receivers of a dynamic link call, which only the message names. */
export const ANY_STEP = "*";

/** A message that a step has sent. It is pending until every node in `to` has received it. */
export interface SentMessage {
  readonly outlet: Outlet;
  /** The index of the message in the sequence that the step sends. */
  readonly item?: number;
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number;
  /** The nodes that have not received it yet: ids, or {@link ANY_STEP}. */
  readonly to: readonly string[];
  /** Whether it waits in a join node for others, so that the step need not wait for it. */
  readonly isCollected?: true;
  /** Whether it was sent more than once, so that the flow may deliver it twice. */
  readonly redelivered?: true;
  /** Stored while the message is pending. */
  readonly message?: unknown;
  readonly omitted?: SafeCopy["omitted"];
}

/** More about a message: see {@link SentMessage}. */
export interface SentAs {
  readonly item?: number | undefined;
  readonly isCollected?: boolean;
}

/** What else is known of an earlier outbox of the same step. */
export interface OutboxPast {
  /** The items of the sequence that were sent and received: see {@link IndexSet}. */
  readonly receivedItems?: readonly number[] | undefined;
  /** Of an earlier outbox of this process: see {@link Outbox.timed}. */
  readonly timed?: Iterable<string> | undefined;
}

/** The messages that a step has sent, however often the step is resumed: one per outlet, or one per item of its sequence. */
export class Outbox {
  readonly #entries = new Map<string, SentMessage>();
  readonly #onChange: () => void;
  /** The messages that this process has sent: the time in which they must arrive has started. Absent if there is none, to save memory. */
  #timed: Set<string> | undefined;
  /** The items that have been received. Their entries are removed, because a sequence may have 10,000 items. Absent without a sequence. */
  #receivedItems: IndexSet | undefined;
  #hasRedelivered = false;

  constructor(
    entries: readonly SentMessage[] = [],
    onChange: () => void = () => {},
    { receivedItems = [], timed }: OutboxPast = {},
  ) {
    this.#onChange = onChange;
    this.#timed = timed && new Set(timed);
    this.#receivedItems = receivedItems.length > 0 ? new IndexSet(receivedItems) : undefined;
    for (const entry of entries) {
      this.#entries.set(keyOf(entry), entry);
      this.#hasRedelivered ||= entry.redelivered === true;
    }
  }

  has(outlet: Outlet, item?: number): boolean {
    return item === undefined ? this.#entries.has(keyOf({ outlet })) : this.hasItem(item);
  }

  /** Whether an item was sent, as a result or as a failure. */
  hasItem(item: number): boolean {
    return this.#receivedItems?.has(item) === true || this.#ofItem(item) !== undefined;
  }

  /** The message of an item that was not received yet. */
  pendingItem(item: number): SentMessage | undefined {
    const entry = this.#ofItem(item);
    return entry && entry.to.length > 0 ? entry : undefined;
  }

  get timed(): Iterable<string> | undefined {
    return this.#timed;
  }

  put(
    outlet: Outlet,
    message: unknown,
    to: readonly string[],
    at: number,
    { item, isCollected = false }: SentAs = {},
  ): void {
    const key = keyOf({ outlet, item });
    this.#addTimed(key);
    const copy = to.length > 0 ? copyMessage(message) : undefined;
    this.#set(key, {
      ...{ outlet, ...(item !== undefined && { item }), at, to, ...(isCollected && { isCollected }) },
      ...(copy && { message: copy.value, omitted: copy.omitted }),
    });
    this.#onChange();
  }

  /**
   * Records that a pending message is sent again. A deploy does not extend its time, because a message that a switch node has dropped
   * would be pending forever.
   *
   * @returns whether its time starts now, because a previous process has sent it
   */
  redeliver(outlet: Outlet, at: number, item?: number): boolean {
    const key = keyOf({ outlet, item });
    const entry = this.#entries.get(key);
    if (!entry) {
      return false;
    }
    const startsNow = this.#timed?.has(key) !== true;
    this.#addTimed(key);
    this.#entries.set(key, { ...entry, ...(startsNow && { at }), redelivered: true });
    this.#hasRedelivered = true;
    this.#onChange();
    return startsNow;
  }

  /** Whether a message of the step may arrive twice. */
  get hasRedelivered(): boolean {
    return this.#hasRedelivered;
  }

  /** The messages that at least one node has not received yet. */
  get pending(): SentMessage[] {
    return [...this.#entries.values()].filter(({ to }) => to.length > 0);
  }

  /** Whether {@link pending} has any. */
  get hasPending(): boolean {
    for (const { to } of this.#entries.values()) {
      if (to.length > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * A node has started a step with a message of this one. Returns whether that changes anything.
   *
   * @param item - of the sequence; by default all messages that the node has not received
   */
  acknowledge(nodeId: string, item?: number): boolean {
    const isMeant = (entry: SentMessage): boolean => item === undefined || entry.item === item;
    return this.#reduce((entry) =>
      isMeant(entry) ? entry.to.filter((id) => id !== nodeId && id !== ANY_STEP) : entry.to,
    );
  }

  /** Pending messages are no longer expected to arrive, except those to Catch that do not wait in a join node. */
  recall(): boolean {
    return this.#reduce(({ outlet, to, isCollected }) => (outlet === "error" && !isCollected ? to : []));
  }

  /** Messages sent before a moment that are still pending were dropped by the flow. */
  expire(before: number): boolean {
    return this.#reduce(({ at, to }) => (at < before ? [] : to));
  }

  toJournal(): SentMessage[] {
    return [...this.#entries.values()];
  }

  /** See {@link OutboxPast}. */
  get receivedItems(): readonly number[] {
    return this.#receivedItems?.toRanges() ?? [];
  }

  #addTimed(key: string): void {
    this.#timed ??= new Set();
    this.#timed.add(key);
  }

  #ofItem(item: number): SentMessage | undefined {
    return this.#entries.get(keyOf({ outlet: 0, item })) ?? this.#entries.get(keyOf({ outlet: "error", item }));
  }

  #set(key: string, entry: SentMessage): void {
    if (entry.item !== undefined && entry.to.length === 0) {
      this.#entries.delete(key);
      this.#receivedItems ??= new IndexSet();
      this.#receivedItems.add(entry.item);
    } else {
      this.#entries.set(key, entry);
    }
  }

  #reduce(remaining: (entry: SentMessage) => readonly string[]): boolean {
    let hasChanged = false;
    for (const [key, entry] of [...this.#entries]) {
      const to = remaining(entry);
      if (to.length < entry.to.length) {
        const { message: _message, omitted: _omitted, ...rest } = entry;
        this.#set(key, to.length > 0 ? { ...entry, to } : { ...rest, to });
        hasChanged = true;
      }
    }
    if (hasChanged) {
      this.#onChange();
    }
    return hasChanged;
  }
}

function keyOf({ outlet, item }: { readonly outlet: Outlet; readonly item?: number | undefined }): string {
  return item === undefined ? String(outlet) : `${outlet}/${item}`;
}
