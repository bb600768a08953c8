import type { Clock } from "../../clock.ts";
import { type Attempt, isArray, type Job, type Placement } from "../jobs/job.ts";
import type { JobBook } from "../jobs/job-book.ts";
import { batchArn } from "../resources/arns.ts";
import type { JsonObject } from "./fields.ts";

export interface JobDetailParts {
  readonly book: JobBook;
  readonly region: string;
  readonly clock: Clock;
}

/** A job as DescribeJobs returns it. */
export function jobDetail(job: Job, { book, region, clock }: JobDetailParts): JsonObject {
  const { jobId, request, tags, status, statusReason, createdAt, startedAt, stoppedAt } = job;
  return {
    jobArn: batchArn(region, `job/${jobId}`),
    jobId,
    jobName: request.jobName,
    jobQueue: request.jobQueue,
    jobDefinition: request.jobDefinition,
    status,
    ...(statusReason === undefined ? {} : { statusReason }),
    createdAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
    attempts: job.attempts.map(attemptDetail),
    dependsOn: request.dependsOn,
    parameters: request.parameters,
    retryStrategy: { attempts: request.attempts, evaluateOnExit: request.exitRules },
    ...(request.timeoutSeconds === undefined ? {} : { timeout: { attemptDurationSeconds: request.timeoutSeconds } }),
    ...(request.shareIdentifier === undefined ? {} : { shareIdentifier: request.shareIdentifier }),
    ...(request.schedulingPriority === undefined ? {} : { schedulingPriority: request.schedulingPriority }),
    container: containerDetail(job),
    ...arrayDetail(job, book, clock.wallNow()),
    tags: { ...tags },
    propagateTags: request.propagateTags,
    platformCapabilities: request.platformCapabilities,
    eksAttempts: [],
    isCancelled: job.isCancelled ?? false,
    isTerminated: job.isTerminated ?? false,
  };
}

function containerDetail(job: Job): JsonObject {
  const { image, command, environment, vcpus, memoryMib, gpus, secrets, other } = job.request.container;
  const last: (Partial<Attempt> & Placement) | undefined = job.placement ?? job.attempts.at(-1);
  return {
    ...other,
    image,
    command,
    environment,
    secrets,
    networkInterfaces: [],
    resourceRequirements: [
      { type: "VCPU", value: String(vcpus) },
      { type: "MEMORY", value: String(memoryMib) },
      ...(gpus === 0 ? [] : [{ type: "GPU", value: String(gpus) }]),
    ],
    // A job that waits for its next attempt has no container.
    ...(last === undefined || job.status === "RUNNABLE" ? {} : containerEnd(last)),
  };
}

function attemptDetail(attempt: Attempt): JsonObject {
  const { startedAt, stoppedAt, statusReason } = attempt;
  return {
    container: { ...containerEnd(attempt), networkInterfaces: [] },
    ...(startedAt === undefined ? {} : { startedAt }),
    stoppedAt,
    statusReason,
  };
}

function containerEnd(from: Partial<Attempt> & Placement): JsonObject {
  const { containerInstanceArn, taskArn, logStreamName, exitCode, reason } = from;
  return {
    containerInstanceArn,
    taskArn,
    ...(logStreamName === undefined ? {} : { logStreamName }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function arrayDetail(job: Job, book: JobBook, now: number): JsonObject {
  const { arraySize: size } = job.request;
  if (size === undefined) {
    return {};
  }
  return {
    arrayProperties: isArray(job)
      ? { size, statusSummary: book.statusSummary(job.jobId), statusSummaryLastUpdatedAt: now }
      : { index: job.index, statusSummary: {} },
  };
}
