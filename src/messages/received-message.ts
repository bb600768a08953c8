import { type MessageParts, partsOf } from "./message-parts.ts";
import { describeOmitted } from "./omitted-parts.ts";
import { restoreMessage } from "./restore-message.ts";
import type { SafeCopy } from "./safe-copy.ts";

/** The message that a step has received: a copy without secrets for the journal, and the live message while this process has it. */
export class ReceivedMessage {
  readonly copy: SafeCopy | undefined;
  #live: unknown;

  constructor(copy: SafeCopy | undefined, live?: unknown) {
    this.copy = copy;
    this.#live = live;
  }

  get live(): unknown {
    return this.#live;
  }

  /** Returns the message as it was received; undefined if there is no copy of it. */
  restore(): unknown {
    return this.copy && restoreMessage(this.copy, this.#live);
  }

  /** The message's position in a sequence, if it was part of one. */
  get parts(): MessageParts | undefined {
    return partsOf(this.copy?.value);
  }

  /** The names of the parts that can't be restored, except those of an HTTP exchange. */
  get missing(): string[] {
    const omitted = this.#live === undefined ? (this.copy?.omitted ?? []) : [];
    return omitted.filter(({ path }) => !isOfExchange(path)).map(describeOmitted);
  }

  /** Releases the live message: the parts that the copy omits are no longer needed. */
  release(): void {
    this.#live = undefined;
  }
}

function isOfExchange([first, ...rest]: readonly string[]): boolean {
  return rest.length === 0 && (first === "req" || first === "res");
}
