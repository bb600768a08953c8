import { copyMessage, type SafeCopy } from "./safe-copy.ts";

/** An output of a node, or its Catch nodes. */
export type Outlet = number | "error";

/** Stands for whatever may be behind a link or a subflow. */
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

  constructor(entries: readonly HandedOn[] = [], onChange: () => void = () => {}) {
    this.#onChange = onChange;
    for (const entry of entries) {
      this.#entries.set(entry.outlet, entry);
    }
  }

  has(outlet: Outlet): boolean {
    return this.#entries.has(outlet);
  }

  put(outlet: Outlet, message: unknown, to: readonly string[], at: number): void {
    const copy = to.length > 0 ? copyMessage(message) : undefined;
    this.#entries.set(outlet, { outlet, at, to, ...(copy && { message: copy.value, leftOut: copy.leftOut }) });
    this.#onChange();
  }

  /** Hands a pending one on once more. */
  repeat(outlet: Outlet, at: number): void {
    const entry = this.#entries.get(outlet);
    if (entry) {
      this.#entries.set(outlet, { ...entry, at, again: true });
      this.#onChange();
    }
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
