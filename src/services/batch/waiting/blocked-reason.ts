import { PipelineError } from "../../../errors/pipeline-error.ts";
import { redact } from "../../../errors/redact.ts";
import type { JobReport } from "../job/job-report.ts";

/** Why a job stays RUNNABLE: no instance can run it as it is, there are no instances now, or the cause is unknown. */
export type BlockedKind = "misconfigured" | "capacity" | "unknown";

/** What to do about each kind of misconfiguration, by the word after `MISCONFIGURATION:`. */
const ADVICE: ReadonlyArray<readonly [RegExp, string]> = [
  [/MAX_RESOURCE/, "Increase the maximum vCPUs of the compute environment, or ask for fewer."],
  [
    /JOB_RESOURCE_REQUIREMENT/,
    "Ask for less memory (85 to 90 % of the instance's), fewer vCPUs or GPUs, or allow larger instance types.",
  ],
  [/EC2_INSTANCE_CONFIGURATION/, "Check instance types, zones and the launch template of the compute environment."],
  [/SERVICE_ROLE/, "Check the service role of the compute environment."],
  [/^ACTION_REQUIRED/, "Look at the status of the queue's compute environments."],
];

/** Classifies the reason that Batch gives for a RUNNABLE job. Only the job at the head of a blocked queue has one. */
export function blockedKind(reason: string | undefined): BlockedKind {
  if (reason === undefined || reason === "") {
    return "unknown";
  }
  if (/^(?:MISCONFIGURATION|ACTION_REQUIRED)\b/.test(reason)) {
    return "misconfigured";
  }
  return reason.startsWith("CAPACITY") ? "capacity" : "unknown";
}

/** The error of a job that can't be run without a change in AWS. */
export function blockedError(job: JobReport, reason: string): PipelineError {
  const [, advice = "Check the queue and its compute environments."] =
    ADVICE.find(([pattern]) => pattern.test(reason)) ?? [];
  return new PipelineError(
    "BATCH_JOB_BLOCKED",
    `Job ${job.jobName} (${job.jobId}) can't run on its queue. AWS says: "${shown(reason)}". ${advice}`,
    { details: { jobId: job.jobId, reason } },
  );
}

/** The error of a job that has waited for an instance up to the limit. */
export function noCapacityError(job: JobReport, reason: string | undefined, waited: string): PipelineError {
  const quote =
    reason === undefined
      ? "AWS gives no reason: other jobs of the queue may be in front, or its instances can't reach ECS (route, security group), or a vCPU quota is used up."
      : `AWS says: "${shown(reason)}".`;
  return new PipelineError(
    "BATCH_NO_CAPACITY",
    `Job ${job.jobName} (${job.jobId}) has waited ${waited} for an instance. ${quote} Use other instance types or zones, a queue with on-demand instances, or a longer limit.`,
    { details: { jobId: job.jobId, ...(reason !== undefined && { reason }) } },
  );
}

function shown(reason: string): string {
  return redact(reason).slice(0, 400).replace(/\.$/, "");
}
