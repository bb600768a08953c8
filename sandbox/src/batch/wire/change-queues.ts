import type { BatchCore } from "../batch-core.ts";
import { isOver } from "../jobs/job.ts";
import { batchArn } from "../resources/arns.ts";
import type { JobQueue, TimeLimitAction } from "../resources/resource.ts";
import type { ResourceBook } from "../resources/resource-book.ts";
import {
  clientError,
  type JsonObject,
  neededText,
  numberField,
  objectList,
  textField,
  textMap,
  wordField,
} from "./fields.ts";
import { checkName, checkTags } from "./names.ts";
import { queueOf } from "./queue-of.ts";

const MAX_PRIORITY = 2 ** 31 - 1;
const MAX_ENVIRONMENTS = 3;
/** The reasons that an action can have. */
const REASONS = [
  /^CAPACITY:/,
  /^MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE$/,
  /^MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT$/,
  /^MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED$/,
];

/** CreateJobQueue: it is VALID at once. */
export function createJobQueue(from: JsonObject, { resources, region }: BatchCore): JsonObject {
  const jobQueueName = checkName(neededText(from, "jobQueueName"), "Job queue name");
  if (resources.queue(jobQueueName) !== undefined) {
    throw clientError(`Job queue ${jobQueueName} already exists.`);
  }
  const priority = numberField(from, "priority", 0, MAX_PRIORITY);
  const computeEnvironmentOrder = environmentOrder(from, resources);
  if (priority === undefined || computeEnvironmentOrder.length === 0) {
    throw clientError("A job queue requires priority and computeEnvironmentOrder.");
  }
  const schedulingPolicyArn = textField(from, "schedulingPolicyArn");
  const queue: JobQueue = {
    jobQueueName,
    jobQueueArn: batchArn(region, `job-queue/${jobQueueName}`),
    tags: checkTags(textMap(from, "tags")),
    jobQueueType: "ECS",
    state: wordField(from, "state", ["ENABLED", "DISABLED"]) ?? "ENABLED",
    status: "VALID",
    statusReason: "JobQueue Healthy",
    priority,
    computeEnvironmentOrder,
    jobStateTimeLimitActions: timeLimitActions(from),
    ...(schedulingPolicyArn === undefined ? {} : { schedulingPolicyArn }),
  };
  resources.add({ queues: queue });
  return { jobQueueName, jobQueueArn: queue.jobQueueArn };
}

/** UpdateJobQueue. */
export function updateJobQueue(from: JsonObject, { resources, scheduler }: BatchCore): JsonObject {
  const queue = queueOf(neededText(from, "jobQueue"), resources);
  const order = environmentOrder(from, resources);
  const policy = textField(from, "schedulingPolicyArn");
  queue.state = wordField(from, "state", ["ENABLED", "DISABLED"]) ?? queue.state;
  queue.priority = numberField(from, "priority", 0, MAX_PRIORITY) ?? queue.priority;
  if (order.length > 0) {
    queue.computeEnvironmentOrder = order;
  }
  if (from.jobStateTimeLimitActions !== undefined) {
    queue.jobStateTimeLimitActions = timeLimitActions(from);
  }
  if (policy !== undefined) {
    queue.schedulingPolicyArn = policy;
  }
  resources.save();
  scheduler.wake();
  return { jobQueueName: queue.jobQueueName, jobQueueArn: queue.jobQueueArn };
}

/** DeleteJobQueue: one that is DISABLED and has no jobs that are not over. AWS terminates those. */
export function deleteJobQueue(from: JsonObject, core: BatchCore): JsonObject {
  const { state, jobQueueArn } = queueOf(neededText(from, "jobQueue"), core.resources);
  if (state !== "DISABLED") {
    throw clientError("Cannot delete, job queue state must be DISABLED.");
  }
  const jobs = [...core.book.list()].filter((job) => job.request.jobQueue === jobQueueArn && !isOver(job));
  if (jobs.length > 0) {
    throw clientError("Cannot delete, the job queue has jobs that are not over; the sandbox does not terminate them.");
  }
  core.resources.remove(jobQueueArn);
  return {};
}

function environmentOrder(from: JsonObject, resources: ResourceBook): JobQueue["computeEnvironmentOrder"] {
  const order = objectList(from, "computeEnvironmentOrder").map((one) => {
    const reference = neededText(one, "computeEnvironment");
    const environment = resources.environment(reference);
    if (environment === undefined) {
      throw clientError(`Compute environment ${reference} does not exist.`);
    }
    const position = numberField(one, "order", 0, MAX_PRIORITY) ?? 0;
    return { order: position, computeEnvironment: environment.computeEnvironmentArn };
  });
  if (order.length > MAX_ENVIRONMENTS) {
    throw clientError(`A job queue can have at most ${MAX_ENVIRONMENTS} compute environments.`);
  }
  return order;
}

function timeLimitActions(from: JsonObject): TimeLimitAction[] {
  return objectList(from, "jobStateTimeLimitActions").map((one) => {
    const reason = neededText(one, "reason");
    const maxTimeSeconds = numberField(one, "maxTimeSeconds", 600, 86_400);
    const state = wordField(one, "state", ["RUNNABLE"]);
    const action = wordField(one, "action", ["CANCEL"]);
    if (!REASONS.some((pattern) => pattern.test(reason))) {
      throw clientError(`Invalid job reason: ${reason}`);
    }
    if (maxTimeSeconds === undefined || state === undefined || action === undefined) {
      throw clientError("An action requires reason, state, maxTimeSeconds and action.");
    }
    return { reason, state, maxTimeSeconds, action };
  });
}
