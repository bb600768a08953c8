import { createHash } from "node:crypto";
import type { Message } from "../../node-red.ts";

/** The maximum length of a run's id, which is part of file names, log lines and the ids of its steps. */
const MAX_ID_LENGTH = 200;
const PREFIX_LENGTH = 150;
/** The id of a step: that of its run, a slash and a number. */
const MAX_STEP_ID_LENGTH = MAX_ID_LENGTH + 20;

/**
 * Reads a run id: a string or a number, trimmed. Control characters become `_`. A string of more than 200 characters is truncated, and
 * gets a hash of the whole string, so that the same value always identifies the same run.
 *
 * @param value - `msg.runId`, `msg._msgid` or a form's field: anything
 * @returns undefined for what is not an id: blank, a boolean, an array, an object
 */
export function runIdIn(value: unknown): string | undefined {
  const isId = typeof value === "string" || typeof value === "bigint" || Number.isFinite(value);
  const text = isId ? String(value).trim() : "";
  if (text === "") {
    return undefined;
  }
  // A string with a lone surrogate can't be part of a URL.
  const id = (text.length <= MAX_ID_LENGTH ? text : shortened(text)).toWellFormed();
  return id.replace(/\p{Cc}/gu, "_");
}

function shortened(text: string): string {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 32);
  return `${text.slice(0, PREFIX_LENGTH)}-${hash}`;
}

/**
 * Returns the id of the run of a message: `msg.runId`, or the id that all clones of a trigger's message share. A message without a valid
 * id starts its own run. Its `_msgid` is replaced, so that further steps belong to that run too.
 *
 * @param newId - creates an id of Node-RED
 */
export function runIdOf(msg: Message, newId: () => string): string {
  const known = runIdIn(msg.runId) ?? runIdIn(msg._msgid);
  if (known !== undefined) {
    return known;
  }
  const id = newId();
  // Not an assignment, which throws for a frozen message.
  Reflect.set(msg, "_msgid", id);
  return id;
}

/** Returns the index of a message in the sequence that its sender sends; undefined if it is not part of one. */
export function sentItemOf({ _lightly: mark }: Message): number | undefined {
  const { item } = (typeof mark === "object" && mark !== null ? mark : {}) as { item?: unknown };
  return Number.isSafeInteger(item) ? (item as number) : undefined;
}

/** Returns the step that has sent a message, directly or through other nodes. It may be forged, so it is only compared with known ids. */
export function senderOf({ _lightly: mark }: Message): string | undefined {
  const { from } = (typeof mark === "object" && mark !== null ? mark : {}) as { from?: unknown };
  return typeof from === "string" && from !== "" && from.length <= MAX_STEP_ID_LENGTH ? from : undefined;
}
