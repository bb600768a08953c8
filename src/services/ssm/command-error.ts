import type { ErrorCode } from "../../errors/error-codes.ts";
import { ownEntry } from "../../errors/own-entry.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { redact } from "../../errors/redact.ts";
import type { CommandReport } from "./command-report.ts";

const STDERR_LINES = 5;
const STDERR_CHARACTERS = 600;

/** Status details which mean that the script never ran. */
const NEVER_RAN: Readonly<Record<string, string>> = {
  AccessDenied: "the instance's role may not run it",
  DeliveryTimedOut: "the instance did not fetch it within the delivery limit",
  InvalidPlatform: "the instance's platform does not fit the document",
  Terminated: "AWS ended it after errors on other instances",
  Undeliverable: "the instance can't be reached",
};

const EXIT_CODES: Readonly<Record<number, string>> = {
  125: "docker itself failed: check that its daemon runs, the image exists, and the GPU and its drivers are available",
  126: "it was found but can't be executed: check its permissions and its #! line",
  127: "the script, or a command in it, was not found: check the path on the instance",
  137: "killed: out of memory, canceled, or the instance was stopped",
  139: "crashed with a segmentation fault",
  143: "terminated: it received a request to end, for example from a shutdown",
  194: "it requested a reboot, which is the meaning of this exit code for SSM",
};

/**
 * Creates the error of a command that failed.
 *
 * @param report - the report of the command
 * @param script - its path, for the message
 * @returns `SSM_COMMAND_FAILED`, `SSM_COMMAND_TIMED_OUT`, `SSM_COMMAND_CANCELED` or `SSM_COMMAND_UNDELIVERABLE`, with the meaning
 *   of the exit code and the last lines of stderr, without secrets
 */
export function commandError(report: CommandReport, script: string): PipelineError {
  const { instanceId, status, statusDetails, exitCode } = report;
  const [code, explanation] = describeEnd(report);
  const stderr = lastLines(report.stderr);
  const quoted = stderr === "" ? "" : ` The end of its stderr:\n${stderr}`;
  return new PipelineError(code, `${script} on instance ${instanceId} ${explanation}.${quoted}`, {
    details: { instanceId, script, status, statusDetails, exitCode },
  });
}

function describeEnd({ status, statusDetails, exitCode }: CommandReport): [ErrorCode, string] {
  const neverRan = ownEntry(NEVER_RAN, statusDetails);
  if (neverRan !== undefined) {
    return [
      "SSM_COMMAND_UNDELIVERABLE",
      `never ran: ${neverRan} (${statusDetails}). Check that the instance runs and its SSM agent is Online`,
    ];
  }
  if (status === "Cancelled" || status === "Cancelling") {
    return ["SSM_COMMAND_CANCELED", "was canceled"];
  }
  if (status === "TimedOut") {
    return [
      "SSM_COMMAND_TIMED_OUT",
      "exceeded its execution limit and was killed. Increase the limit, or find out why the script takes so long",
    ];
  }
  if (exitCode === null) {
    return [
      "SSM_COMMAND_FAILED",
      `ended without an exit code (${statusDetails}): the agent or the instance was restarted or stopped`,
    ];
  }
  const meaning = ownEntry(EXIT_CODES, exitCode);
  return ["SSM_COMMAND_FAILED", `ended with exit code ${exitCode}${meaning ? ` (${meaning})` : ""}`];
}

function lastLines(stderr: string): string {
  const lines = stderr.trimEnd().split("\n").slice(-STDERR_LINES).join("\n");
  return redact(lines).slice(-STDERR_CHARACTERS);
}
