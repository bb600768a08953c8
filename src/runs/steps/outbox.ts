import { copyMessage, type SafeCopy } from "../../messages/safe-copy.ts";

/** An output of a node, or its Catch nodes. */
export type Outlet = number | "error";

/** Represents the unknown receivers of a dynamic link call, which only the message names. */
export const ANY_STEP = "*";

/** A message that a step has sent. It is pending until every node in `to` has received it. */
export interface SentMessage {
  readonly outlet: Outlet;
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number;
  /** The nodes that have not received it yet: ids, or {@link ANY_STEP}. */
  readonly to: readonly string[];
  /** Whether it was sent more than once, so that the flow may deliver it twice. */
  readonly redelivered?: true;
  /** Stored while the message is pending. */
  readonly message?: unknown;
  readonly omitted?: SafeCopy["omitted"];
}

/** The messages that a step has sent: one per outlet, however often the step is resumed. */
export class Outbox {
  readonly #entries = new Map<Outlet, SentMessage>();
  readonly #onChange: () => void;
  /** The outlets to which this process has sent a message: the time in which the message must arrive has started. */
  readonly #timed: Set<Outlet>;

  /** @param timed - of an earlier outbox of this process for the same step */
  constructor(entries: readonly SentMessage[] = [], onChange: () => void = () => {}, timed: Iterable<Outlet> = []) {
    this.#onChange = onChange;
    this.#timed = new Set(timed);
    for (const entry of entries) {
      this.#entries.set(entry.outlet, entry);
    }
  }

  has(outlet: Outlet): boolean {
    return this.#entries.has(outlet);
  }

  get timed(): Iterable<Outlet> {
    return this.#timed;
  }

  put(outlet: Outlet, message: unknown, to: readonly string[], at: number): void {
    this.#timed.add(outlet);
    const copy = to.length > 0 ? copyMessage(message) : undefined;
    this.#entries.set(outlet, { outlet, at, to, ...(copy && { message: copy.value, omitted: copy.omitted }) });
    this.#onChange();
  }

  /**
   * Records that a pending message is sent again. A deploy does not extend its time, because a message that a switch node has dropped
   * would be pending forever.
   *
   * @returns whether its time starts now, because a previous process has sent it
   */
  redeliver(outlet: Outlet, at: number): boolean {
    const entry = this.#entries.get(outlet);
    if (!entry) {
      return false;
    }
    const startsNow = !this.#timed.has(outlet);
    this.#timed.add(outlet);
    this.#entries.set(outlet, { ...entry, ...(startsNow && { at }), redelivered: true });
    this.#onChange();
    return startsNow;
  }

  /** Whether a message of the step may arrive twice. */
  get hasRedelivered(): boolean {
    return [...this.#entries.values()].some(({ redelivered }) => redelivered);
  }

  /** The messages that at least one node has not received yet. */
  get pending(): SentMessage[] {
    return [...this.#entries.values()].filter(({ to }) => to.length > 0);
  }

  /** A node has started a step with a message of this one. Returns whether that changes anything. */
  acknowledge(nodeId: string): boolean {
    return this.#reduce(({ to }) => to.filter((id) => id !== nodeId && id !== ANY_STEP));
  }

  /** Pending messages are no longer expected to arrive, except those to Catch. */
  recall(): boolean {
    return this.#reduce(({ outlet, to }) => (outlet === "error" ? to : []));
  }

  /** Messages sent before a moment that are still pending were dropped by the flow. */
  expire(before: number): boolean {
    return this.#reduce(({ at, to }) => (at < before ? [] : to));
  }

  toJournal(): SentMessage[] {
    return [...this.#entries.values()];
  }

  #reduce(remaining: (entry: SentMessage) => readonly string[]): boolean {
    let hasChanged = false;
    for (const entry of this.pending) {
      const to = remaining(entry);
      if (to.length < entry.to.length) {
        const { outlet, at, redelivered } = entry;
        this.#entries.set(
          outlet,
          to.length > 0 ? { ...entry, to } : { outlet, at, to, ...(redelivered && { redelivered }) },
        );
        hasChanged = true;
      }
    }
    if (hasChanged) {
      this.#onChange();
    }
    return hasChanged;
  }
}
