import type { ErrorCode } from "../../../errors/error-codes.ts";
import { ownEntry } from "../../../errors/own-entry.ts";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { redact } from "../../../errors/redact.ts";
import type { ContainerEnd, JobReport } from "./job-report.ts";

/** Why a job or an attempt has failed; `text` completes "Job ... " or "Child 3 ...", without a full stop. */
export interface EndCause {
  readonly code: ErrorCode;
  readonly text: string;
}

const EXIT_CODES: Readonly<Record<number, string>> = {
  126: "its command was found but can't be executed",
  127: "its command was not found in the image",
  137: "it was killed, possibly because it ran out of memory",
  139: "it crashed with a segmentation fault",
  143: "it was asked to end, possibly because its instance was shut down",
};

/** The causes by the beginning of Batch's and of the container's reason. Texts of AWS change: only prefixes are compared. */
const BY_STATUS: ReadonlyArray<readonly [RegExp, ErrorCode, string]> = [
  [
    /^(?:Host EC2|Your Spot Task was interrupted)/,
    "BATCH_HOST_LOST",
    "lost its instance: a spot instance was reclaimed, or the instance failed. Allow more attempts, or use a queue with on-demand instances",
  ],
  [
    /^Job attempt duration exceeded timeout/,
    "BATCH_JOB_TIMED_OUT",
    "exceeded the time limit of an attempt, and was killed. Increase the limit, or find out why it takes so long",
  ],
  [
    /^Cancell?ed by JobStateTimeLimit/,
    "BATCH_JOB_CANCELED",
    "was canceled by a time limit of the queue for waiting jobs",
  ],
  [
    /^ECS was unable to assume the role/,
    "BATCH_START_FAILED",
    "could not start: ECS may not assume a role of the job definition. Check the role's trust policy (ecs-tasks.amazonaws.com)",
  ],
  [
    /Container Overrides length must be/,
    "BATCH_REQUEST_INVALID",
    "was refused by ECS: its command and variables are longer than 8,192 characters. Put the data into an S3 object",
  ],
];
const BY_CONTAINER: ReadonlyArray<readonly [RegExp, ErrorCode, string]> = [
  [/^OutOfMemoryError/, "BATCH_OUT_OF_MEMORY", "needed more memory than it had. Increase the memory of the job"],
  [
    /^CannotPullContainerError.*no space left/s,
    "BATCH_START_FAILED",
    "could not start: the disk of its instance is too small for the image. Enlarge the volume in the launch template of the compute environment",
  ],
  [
    /^CannotPullContainerError/,
    "BATCH_START_FAILED",
    "could not start: its image can't be pulled. Check image and tag in the job definition, the permissions of the instance role for the registry, and the route to it",
  ],
  [
    /^ResourceInitializationError/,
    "BATCH_START_FAILED",
    "could not start: its secrets or log can't be prepared. Check the execution role of the job definition",
  ],
  [
    /initialize logging driver/,
    "BATCH_START_FAILED",
    "could not start: its log group can't be written. Check that it exists, and the permissions of the instance role",
  ],
  [/^(?:Cannot\w*Error|Docker\w*Error)/, "BATCH_START_FAILED", "could not start its container"],
];

/**
 * Finds out why a job or an attempt has failed: by its reasons first, because the exit code is missing after the loss of an instance, and
 * 137 has several meanings.
 *
 * @param isStopped - whether its end was requested
 */
export function endCause(end: ContainerEnd, isStopped = false): EndCause {
  const { statusReason = "", containerReason = "", exitCode } = end;
  const found =
    BY_STATUS.find(([pattern]) => pattern.test(statusReason)) ??
    BY_CONTAINER.find(([pattern]) => pattern.test(containerReason));
  const quoted = quote([containerReason, statusReason].find((text) => text !== "" && !isGeneral(text)));
  if (found) {
    return { code: found[1], text: `${found[2]}${quoted}` };
  }
  if (isStopped) {
    return { code: "BATCH_JOB_CANCELED", text: `was terminated${quoted}` };
  }
  if (statusReason.startsWith("Task failed to start")) {
    return { code: "BATCH_START_FAILED", text: `could not start its container${quoted}` };
  }
  if (exitCode === undefined) {
    return { code: "BATCH_JOB_FAILED", text: `failed without an exit code${quote(statusReason || containerReason)}` };
  }
  const meaning = ownEntry(EXIT_CODES, exitCode);
  return {
    code: "BATCH_JOB_FAILED",
    text: `ended with exit code ${exitCode}${meaning === undefined ? "" : ` (${meaning})`}${quoted}`,
  };
}

/** The error of a job that has ended as FAILED. */
export function jobError(job: JobReport): PipelineError {
  const { jobId, jobName, state, attempts, children, statusReason, exitCode } = job;
  const details = { jobId, jobName, state, statusReason, exitCode };
  if (children && !job.isStopped) {
    const { FAILED = 0 } = children.counts;
    const text = `${FAILED} of the ${children.size} children of job ${jobName} (${jobId}) have failed. The message has their indexes and reasons in msg.batch.children.`;
    return new PipelineError("BATCH_JOB_FAILED", text, { details });
  }
  // The description of the job itself may be that of its last attempt, or less.
  const { code, text } = endCause({ ...attempts.at(-1), ...ownEnd(job) }, job.isStopped);
  const times = attempts.length > 1 ? ` This was attempt ${attempts.length}.` : "";
  return new PipelineError(code, `Job ${jobName} (${jobId}) ${text}.${times}`, { details });
}

function ownEnd({ statusReason, containerReason, exitCode }: ContainerEnd): ContainerEnd {
  return {
    ...(statusReason !== undefined && { statusReason }),
    ...(containerReason !== undefined && { containerReason }),
    ...(exitCode !== undefined && { exitCode }),
  };
}

/** Whether a reason says nothing: jobs that have succeeded have it too. */
function isGeneral(reason: string): boolean {
  return reason.startsWith("Essential container in task exited") || reason.startsWith("Task failed to start");
}

function quote(reason: string | undefined): string {
  return reason === undefined || reason === ""
    ? ""
    : `. AWS says: "${redact(reason).slice(0, 400).replace(/\.$/, "")}"`;
}
