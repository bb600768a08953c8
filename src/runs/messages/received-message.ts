import { describeLeftOut } from "./left-out.ts";
import { type MessageParts, partsOf } from "./message-parts.ts";
import { restoreMessage } from "./restore-message.ts";
import type { SafeCopy } from "./safe-copy.ts";

/** What a step has received: a copy without secrets, which the journal keeps, and the message as long as this process has it. */
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

  /** The message as it was; undefined when nobody has kept it. */
  again(): unknown {
    return this.copy && restoreMessage(this.copy, this.#live);
  }

  /** Its place in a sequence, if it was part of one. */
  get parts(): MessageParts | undefined {
    return partsOf(this.copy?.value);
  }

  /** What of it is gone, by name; what belongs to an HTTP exchange is nobody's loss. */
  get lost(): string[] {
    const leftOut = this.#live === undefined ? (this.copy?.leftOut ?? []) : [];
    return leftOut.filter(({ path }) => !isOfExchange(path)).map(describeLeftOut);
  }

  /** Nobody will ask for what the copy lacks. */
  letGo(): void {
    this.#live = undefined;
  }
}

function isOfExchange([first, ...rest]: readonly string[]): boolean {
  return rest.length === 0 && (first === "req" || first === "res");
}
