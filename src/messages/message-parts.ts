/** The position of a message in a sequence that a split node has created: see Node-RED's documentation of `msg.parts`. */
export interface MessageParts {
  readonly id: string;
  readonly index: number | undefined;
}

/** The position of a message; undefined if it is not part of a sequence. */
export function partsOf(message: unknown): MessageParts | undefined {
  const parts = member(message, "parts");
  const id = member(parts, "id");
  const index = member(parts, "index");
  return typeof id === "string" ? { id, index: typeof index === "number" ? index : undefined } : undefined;
}

function member(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null ? (of as Readonly<Record<string, unknown>>)[name] : undefined;
}
