import type { ComputeEnvironment } from "../resources/resource.ts";
import type { Job } from "./job.ts";

/** The variables that Batch adds to a container. */
export function jobEnvironment(job: Job, environment: ComputeEnvironment): Record<string, string> {
  const { jobQueue, container } = job.request;
  return {
    AWS_BATCH_JOB_ID: job.jobId,
    AWS_BATCH_JOB_ATTEMPT: String(job.attempts.length + 1),
    AWS_BATCH_JQ_NAME: jobQueue.slice(jobQueue.lastIndexOf("/") + 1),
    AWS_BATCH_CE_NAME: environment.computeEnvironmentName,
    ...(job.index === undefined ? {} : { AWS_BATCH_JOB_ARRAY_INDEX: String(job.index) }),
    ...(job.request.arraySize === undefined ? {} : { AWS_BATCH_JOB_ARRAY_SIZE: String(job.request.arraySize) }),
    ...(container.gpus === 0 ? {} : { NVIDIA_VISIBLE_DEVICES: "all" }),
  };
}
