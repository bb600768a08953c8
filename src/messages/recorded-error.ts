import type { PipelineError } from "../errors/pipeline-error.ts";
import type { RecordedError } from "../records/run-record.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { safeObject } from "./safe-copy.ts";

/** A message has one to three sentences. Longer messages quote a response. */
const MAX_MESSAGE_LENGTH = 4000;

/**
 * Converts an error for the record of a run: plain JSON with a limited length and without secrets, even if its details have parts of a
 * message (a circular reference, a BigInt) or of a response. Editors and the admin API read it.
 */
export function recordError({ code, message, details }: PipelineError): RecordedError {
  return { code, message: message.slice(0, MAX_MESSAGE_LENGTH), details: safeObject(details) };
}

/** Removes secrets from the message too, for the disk. */
export function safeError({ code, message, details }: RecordedError): RecordedError {
  return { code, message: maskSecrets(message.slice(0, MAX_MESSAGE_LENGTH)), details: safeObject(details) };
}
