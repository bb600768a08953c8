import type { ErrorCode } from "../../errors/error-codes.ts";
import { ownEntry } from "../../errors/own-entry.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { redact } from "../../errors/redact.ts";
import { describeOutputLocation, outputLocationsOf, outputWithoutMark } from "./command-output.ts";
import type { CommandReport } from "./command-report.ts";
import { scriptFault } from "./script-faults.ts";

const STDERR_LINES = 5;
const STDERR_CHARACTERS = 600;
const STREAMS = ["stdout", "stderr"] as const;

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
 * @returns `SSM_COMMAND_FAILED`, `SSM_COMMAND_TIMED_OUT`, `SSM_COMMAND_CANCELED` or `SSM_COMMAND_UNDELIVERABLE`, with what the output
 *   proves (or else the meaning of the exit code) and the last lines of stderr, without secrets
 */
export function commandError(report: CommandReport, script: string): PipelineError {
  const { instanceId, status, statusDetails, exitCode } = report;
  const [code, explanation] = describeEnd(report, script);
  const message = `${script} on instance ${instanceId} ${explanation}.${cutNote(report)}${quotedEnd(report)}`;
  return new PipelineError(code, message, {
    details: { instanceId, script, status, statusDetails, exitCode, ...outputLocationsOf(report) },
  });
}

function describeEnd(report: CommandReport, script: string): [ErrorCode, string] {
  const { status, statusDetails, exitCode } = report;
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
  const fault = scriptFault(report, script);
  const meaning = ownEntry(EXIT_CODES, exitCode);
  const why = fault ? `: ${fault}` : meaning ? ` (${meaning})` : "";
  return ["SSM_COMMAND_FAILED", `ended with exit code ${exitCode}${why}`];
}

/** Says which streams are incomplete, and where all of them is. */
function cutNote(report: CommandReport): string {
  const cut = STREAMS.filter((stream) => report[`${stream}Truncated`]);
  if (cut.length === 0) {
    return "";
  }
  const locations = cut
    .flatMap((stream) => describeOutputLocation(report, stream) ?? [])
    .map((location) => ` All of it is ${location}.`);
  const advice = " To keep all of it, set an output bucket or a log group in run script.";
  return ` AWS has cut off its ${cut.join(" and ")}.${locations.length > 0 ? locations.join("") : advice}`;
}

function quotedEnd({ stderr, stderrTruncated }: CommandReport): string {
  const lines = lastLines(outputWithoutMark(stderr));
  const what = stderrTruncated ? "The last lines before the cut" : "The end of its stderr";
  return lines === "" ? "" : ` ${what}:\n${lines}`;
}

function lastLines(stderr: string): string {
  const lines = stderr.trimEnd().split("\n").slice(-STDERR_LINES).join("\n");
  return redact(lines).slice(-STDERR_CHARACTERS);
}
