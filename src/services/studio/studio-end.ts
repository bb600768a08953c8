import type { ErrorCode } from "../../errors/error-codes.ts";
import { ownEntry } from "../../errors/own-entry.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { redact } from "../../errors/redact.ts";
import { commandError } from "../ssm/command-error.ts";
import type { CommandReport } from "../ssm/command-report.ts";
import { readProgress } from "./studio-progress.ts";

/** The script's exit codes. */
const EXIT_CODES: Readonly<Record<number, ErrorCode>> = {
  1: "STUDIO_SCRIPT_FAILED",
  2: "STUDIO_SPEC_INVALID",
  4: "STUDIO_INPUT_UNREADABLE",
  5: "STUDIO_OUTPUT_REFUSED",
  6: "STUDIO_DATABASE_FAILED",
  7: "STUDIO_MODEL_UNAVAILABLE",
  8: "STUDIO_DATASET_BUSY",
  9: "STUDIO_DISK_FULL",
  10: "STUDIO_NOT_INSTALLED",
  11: "STUDIO_DATASET_MISMATCH",
};
const NOTHING_SELECTED = 3;

/** What may be gone at the next attempt. */
const RETRYABLE: readonly ErrorCode[] = ["STUDIO_DATASET_BUSY"];

/** Whether the script has done its work, so that there is a manifest; it may have selected nothing. */
export function isStudioDone({ status, exitCode }: CommandReport): boolean {
  return exitCode === NOTHING_SELECTED || (status === "Success" && exitCode === 0);
}

/**
 * Creates the error of a script that has not done its work.
 *
 * @param message - its last message, if it was read from its progress in S3; default: the last line of its output
 */
export function studioError(report: CommandReport, message = lastMessage(report)): PipelineError {
  const { instanceId, status, exitCode } = report;
  const code = exitCode === null ? undefined : ownEntry(EXIT_CODES, exitCode);
  const details = { instanceId, status, exitCode };
  if (exitCode === 137 && status === "Failed") {
    return new PipelineError(
      "STUDIO_SCRIPT_FAILED",
      `LightlyStudio on instance ${instanceId} was killed, probably because it ran out of memory. Use an instance type with more memory, or fewer frames per second.`,
      { details },
    );
  }
  if (code === undefined || status !== "Failed") {
    return commandError(report, "LightlyStudio");
  }
  const reason = message === undefined ? "It gave no reason; the output of the command may have one." : redact(message);
  return new PipelineError(code, `LightlyStudio on instance ${instanceId} failed: ${reason}`, {
    details,
    retryable: RETRYABLE.includes(code),
  });
}

function lastMessage({ stdout }: CommandReport): string | undefined {
  const lines = stdout.split("\n").map(readProgress);
  return lines.findLast((line) => line?.phase === "failed")?.message;
}
