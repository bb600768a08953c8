/** The position of a message in a sequence of messages: see Node-RED's documentation of `msg.parts`. */
export interface MessageParts {
  readonly id: string;
  readonly index: number | undefined;
  /** The position of the message of which the sequence was made, if that was part of a sequence too. */
  readonly outer?: MessageParts;
}

/** A sequence inside more sequences is not expected. */
const MAX_DEPTH = 10;

/** The position of a message; undefined if it is not part of a sequence. */
export function partsOf(message: unknown): MessageParts | undefined {
  return partsIn(message, MAX_DEPTH);
}

/** The position and all outer ones, the innermost first. */
export function levelsOf(parts: MessageParts | undefined): MessageParts[] {
  return parts === undefined ? [] : [parts, ...levelsOf(parts.outer)];
}

function partsIn(of: unknown, depth: number): MessageParts | undefined {
  const parts = depth === 0 ? undefined : member(of, "parts");
  const id = member(parts, "id");
  const index = member(parts, "index");
  if (typeof id !== "string") {
    return undefined;
  }
  const outer = partsIn(parts, depth - 1);
  return { id, index: typeof index === "number" ? index : undefined, ...(outer && { outer }) };
}

function member(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null ? (of as Readonly<Record<string, unknown>>)[name] : undefined;
}
