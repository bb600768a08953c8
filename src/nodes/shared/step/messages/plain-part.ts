import type { Message } from "../../node-red.ts";

/** Longer strings are not names. */
const MAX_TEXT_LENGTH = 1000;

/** The strings, numbers and booleans at the top level of a message: every message can be reduced to these. */
export function plainPart(msg: Message): Message {
  const plain = Object.keys(msg)
    // Node-RED calls `hasOwnProperty` and the like on a message, and adds the error itself.
    .filter((name) => !(name in Object.prototype) && name !== "error")
    .map((name) => [name, read(msg, name)] as const)
    .filter(([, value]) => isPlain(value));
  return Object.fromEntries(plain) as unknown as Message;
}

function read(msg: Message, name: string): unknown {
  try {
    return msg[name];
  } catch {
    return undefined;
  }
}

function isPlain(value: unknown): boolean {
  return (typeof value === "string" && value.length <= MAX_TEXT_LENGTH) || ["number", "boolean"].includes(typeof value);
}
