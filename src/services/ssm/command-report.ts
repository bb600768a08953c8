import type { GetCommandInvocationCommandOutput } from "@aws-sdk/client-ssm";
import { type CommandOutputLocations, readOutputLocations } from "./command-output.ts";

const FINAL = ["Success", "Failed", "TimedOut", "Cancelled"] as const;
const OPEN = ["Pending", "InProgress", "Delayed", "Cancelling"] as const;

/** A command on one instance: plain JSON. */
export interface CommandReport extends CommandOutputLocations {
  readonly instanceId: string;
  readonly status: (typeof FINAL)[number] | (typeof OPEN)[number];
  /** More specific than the status, without spaces: `ExecutionTimedOut`, `Undeliverable`. */
  readonly statusDetails: string;
  /** `null` until the script has ended, and when it never ran. */
  readonly exitCode: number | null;
  /** The first 24,000 characters; empty until the end. */
  readonly stdout: string;
  /** The first 8,000 characters; empty until the end. */
  readonly stderr: string;
  /** ISO 8601. */
  readonly startedAt?: string;
  readonly endedAt?: string;
}

/** Whether a command in this status has ended. */
export function isFinal(status: CommandReport["status"]): boolean {
  return FINAL.some((final) => final === status);
}

/** Whether an agent has received the command: the script runs, or has ended. */
export function hasStarted(status: CommandReport["status"]): boolean {
  return isFinal(status) || status === "InProgress" || status === "Cancelling";
}

/** Reads a response; `undefined` if its status is unknown. */
export function readReport(
  response: GetCommandInvocationCommandOutput,
  ids: { readonly commandId: string; readonly instanceId: string },
): CommandReport | undefined {
  const status = [...FINAL, ...OPEN].find((known) => known === withoutSpaces(response.Status));
  if (status === undefined) {
    return undefined;
  }
  const code = response.ResponseCode ?? -1;
  return {
    instanceId: ids.instanceId,
    status,
    statusDetails: withoutSpaces(response.StatusDetails) || status,
    // -1 means "not yet" or "never".
    exitCode: isFinal(status) && code >= 0 ? code : null,
    stdout: response.StandardOutputContent ?? "",
    stderr: response.StandardErrorContent ?? "",
    ...readOutputLocations(response, ids),
    ...(response.ExecutionStartDateTime && { startedAt: response.ExecutionStartDateTime }),
    ...(response.ExecutionEndDateTime && { endedAt: response.ExecutionEndDateTime }),
  };
}

/** AWS writes "Execution Timed Out" in some places and "ExecutionTimedOut" in others. */
function withoutSpaces(text: string | undefined): string {
  return (text ?? "").replaceAll(/\s/g, "");
}
