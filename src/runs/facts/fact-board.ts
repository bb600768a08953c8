import { safeObject } from "../messages/safe-copy.ts";
import type { Fact, FactListener, FactOf, Facts } from "./fact.ts";
import { isKnownFact } from "./known-fact.ts";

/** What the steps of one run have told each other. */
export class FactBoard implements Facts {
  readonly #facts: Fact[] = [];
  readonly #listeners = new Set<(fact: Fact) => void>();
  readonly #onTold: () => void;

  constructor(onTold: () => void) {
    this.#onTold = onTold;
  }

  /** Whether somebody wants to hear facts; that may outlast the steps. */
  get isListenedTo(): boolean {
    return this.#listeners.size > 0;
  }

  tell(fact: Fact): void {
    this.#facts.push(fact);
    for (const listener of [...this.#listeners]) {
      listener(fact);
    }
    this.#onTold();
  }

  on<K extends Fact["kind"]>(kind: K, listener: FactListener<K>): () => void {
    for (const fact of this.#facts.filter(isOf(kind))) {
      listener(fact);
    }
    return this.onNew(kind, listener);
  }

  onNew<K extends Fact["kind"]>(kind: K, listener: FactListener<K>): () => void {
    const filtered = (fact: Fact): void => {
      if (isOf(kind)(fact)) {
        listener(fact);
      }
    };
    this.#listeners.add(filtered);
    return () => this.#listeners.delete(filtered);
  }

  latest<K extends Fact["kind"]>(kind: K): FactOf<K> | undefined {
    return this.#facts.findLast(isOf(kind));
  }

  clear(): void {
    this.#facts.length = 0;
  }

  restore(facts: readonly unknown[]): void {
    for (const fact of facts.filter(isKnownFact)) {
      this.#facts.push(fact);
    }
  }

  /** Without secrets: a fact may quote what a script has said. */
  toJournal(): Fact[] {
    return (safeObject({ facts: this.#facts }).facts ?? []) as Fact[];
  }
}

function isOf<K extends Fact["kind"]>(kind: K): (fact: Fact) => fact is FactOf<K> {
  return (fact): fact is FactOf<K> => fact.kind === kind;
}
