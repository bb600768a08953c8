import { copyMessage, type SafeCopy } from "./safe-copy.ts";

/** An output of a node, or its Catch nodes. */
export type Outlet = number | "error";

/** Stands for whatever may be where only the message knows: behind a dynamic link call. */
export const ANY_STEP = "*";

/** A message on its way from a step to the next ones. */
export interface HandedOn {
  readonly outlet: Outlet;
  /** When it was handed on. */
  readonly at: number;
  /** The nodes that have not taken it up yet: ids, or {@link ANY_STEP}. */
  readonly to: readonly string[];
  /** It has been handed on more than once, so that the flow may deliver it twice. */
  readonly again?: true;
  /** Kept as long as somebody is to take it up. */
  readonly message?: unknown;
  readonly leftOut?: SafeCopy["leftOut"];
}

/** What a step has handed on: each of its outlets once, however often the step is taken up again. */
export class Outbox {
  readonly #entries = new Map<Outlet, HandedOn>();
  readonly #onChange: () => void;
  /** Those whose message this process has put on its way: the time in which it must arrive runs already. */
  readonly #timed: Set<Outlet>;

  /** @param timed - of an earlier outbox of this process for the same step */
  constructor(entries: readonly HandedOn[] = [], onChange: () => void = () => {}, timed: Iterable<Outlet> = []) {
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
    this.#entries.set(outlet, { outlet, at, to, ...(copy && { message: copy.value, leftOut: copy.leftOut }) });
    this.#onChange();
  }

  /**
   * Hands a pending one on once more. A deploy gives it no further time: it may repeat for ever what a switch drops.
   *
   * @returns whether its time begins now, since it comes from an earlier process
   */
  repeat(outlet: Outlet, at: number): boolean {
    const entry = this.#entries.get(outlet);
    if (!entry) {
      return false;
    }
    const begins = !this.#timed.has(outlet);
    this.#timed.add(outlet);
    this.#entries.set(outlet, { ...entry, ...(begins && { at }), again: true });
    this.#onChange();
    return begins;
  }

  /** Whether a message of the step may come twice. */
  get hasRepeated(): boolean {
    return [...this.#entries.values()].some(({ again }) => again);
  }

  /** The messages that nobody, or not everybody, has taken up. */
  get pending(): HandedOn[] {
    return [...this.#entries.values()].filter(({ to }) => to.length > 0);
  }

  /** A node has begun a step with a message of this one. Tells whether that changes anything. */
  takenUp(nodeId: string): boolean {
    return this.#reduce(({ to }) => to.filter((id) => id !== nodeId && id !== ANY_STEP));
  }

  /** What is on its way to further steps goes no further; what Catch is told does. */
  recall(): boolean {
    return this.#reduce(({ outlet, to }) => (outlet === "error" ? to : []));
  }

  /** What was handed on before a moment and not taken up has been swallowed by the flow. */
  expire(before: number): boolean {
    return this.#reduce(({ at, to }) => (at < before ? [] : to));
  }

  toJournal(): HandedOn[] {
    return [...this.#entries.values()];
  }

  #reduce(rest: (entry: HandedOn) => readonly string[]): boolean {
    let hasChanged = false;
    for (const entry of this.pending) {
      const to = rest(entry);
      if (to.length < entry.to.length) {
        const { outlet, at, again } = entry;
        this.#entries.set(outlet, to.length > 0 ? { ...entry, to } : { outlet, at, to, ...(again && { again }) });
        hasChanged = true;
      }
    }
    if (hasChanged) {
      this.#onChange();
    }
    return hasChanged;
  }
}
