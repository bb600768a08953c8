import type { RecordedError } from "./run-record.ts";

/** The reason of an abort in the Runs view or over the admin API. */
export const USER_ABORT = "it was requested over the admin API.";

/** Whether an error only says that a user has aborted the run. */
export function isUserAbort({ code, message }: RecordedError): boolean {
  return code === "ABORTED" && message.endsWith(USER_ABORT);
}
