import type { PipelineError } from "../../errors/pipeline-error.ts";
import { maskSecrets } from "../../messages/mask-secrets.ts";
import { safeObject } from "../../messages/safe-copy.ts";
import type { RecordedError } from "../records/run-record.ts";

/** A message is one to three sentences; longer ones quote what a service answered. */
const MAX_MESSAGE_LENGTH = 4000;

/**
 * A failure as a run's record has it: plain JSON of bounded length, whatever the details quote of a message (a circle, a BigInt) or of
 * an answer, and without secrets. Editors and the admin API read it.
 */
export function recordError({ code, message, details }: PipelineError): RecordedError {
  return { code, message: message.slice(0, MAX_MESSAGE_LENGTH), details: safeObject(details) };
}

/** The same for the disk: its message without secrets too. */
export function safeError({ code, message, details }: RecordedError): RecordedError {
  return { code, message: maskSecrets(message.slice(0, MAX_MESSAGE_LENGTH)), details: safeObject(details) };
}
