import { matching } from "./rule.ts";

/** A queue or a job definition of AWS Batch: a name, which may have a revision, or an ARN. */
export const batchName = matching(
  /^(?:arn:aws[a-z-]*:batch:[\w-]+:\d{12}:job-(?:queue|definition)\/\S+|[a-zA-Z0-9][\w-]{0,127}(?::\d+)?)$/,
  "batchName",
  "BATCH_REQUEST_INVALID",
);

/** The beginning of the names of jobs. */
export const jobPrefix = matching(/^[a-zA-Z0-9][\w-]{0,79}$/, "jobPrefix", "BATCH_REQUEST_INVALID");

/** The share of a queue with a scheduling policy. */
export const shareIdentifier = matching(/^[a-zA-Z0-9]{1,255}$/, "shareIdentifier", "BATCH_REQUEST_INVALID");
