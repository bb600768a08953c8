import { PipelineError } from "../../../errors/pipeline-error.ts";
import { redact } from "../../../errors/redact.ts";
import type { JobReport } from "../job/job-report.ts";

/**
 * The error of a job that has been STARTING up to the limit: its instance is on and costs money. Batch has no limit for this state, gives no
 * reason in it, and counts it for no time limit of an attempt. The agent of ECS gives up a pull after two hours, if it is not disconnected.
 */
export function notStartedError(job: JobReport, waited: string): PipelineError {
  const { jobId, jobName, children, statusReason = "" } = job;
  const name = `job ${jobName} (${jobId})`;
  const count = children?.counts.STARTING ?? 0;
  const what = children
    ? `Of ${name}, no child has been running for ${waited}, and ${count} of ${children.size} are STARTING`
    : `J${name.slice(1)} has been STARTING for ${waited}`;
  const quote = statusReason === "" ? "" : ` AWS says: "${redact(statusReason).slice(0, 400).replace(/\.$/, "")}".`;
  return new PipelineError(
    "BATCH_START_FAILED",
    `${what}: an instance is on, but does not start the container.${quote} Usually the image is still being pulled. Check its size and the disk for it (launch template), the permissions of the instance role for ECR (on Fargate, of the execution role), and the route from the subnets of the compute environment to ECR and S3. A large image may need a longer limit.`,
    { details: { jobId, jobName, state: "STARTING", ...(statusReason !== "" && { statusReason }) } },
  );
}
