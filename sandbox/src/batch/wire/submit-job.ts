import { randomUUID } from "node:crypto";
import type { Dependency, Job, JobRequest } from "../jobs/job.ts";
import { isArray } from "../jobs/job.ts";
import type { JobBook } from "../jobs/job-book.ts";
import type { JobDefinition, JobQueue } from "../resources/resource.ts";
import type { ResourceBook } from "../resources/resource-book.ts";
import { containerSpec, lateRefusal } from "./container-spec.ts";
import {
  clientError,
  flagField,
  type JsonObject,
  neededText,
  numberField,
  objectField,
  objectList,
  textField,
  textMap,
  wordField,
} from "./fields.ts";
import { checkName, checkTags } from "./names.ts";
import { queueOf } from "./queue-of.ts";
import { retryStrategy } from "./retry-strategy.ts";

const MAX_TAGS = 50;
const MAX_DEPENDENCIES = 20;
/** Members of SubmitJob that the sandbox can't honor. */
const UNSUPPORTED = [
  "nodeOverrides",
  "eksPropertiesOverride",
  "ecsPropertiesOverride",
  "consumableResourcePropertiesOverride",
];

/** Reads SubmitJob: returns the job, followed by the children if it is an array. */
export function submittedJobs(from: JsonObject, resources: ResourceBook, book: JobBook, now: number): [Job, ...Job[]] {
  const { request, tags } = readRequest(from, resources, book);
  const jobId = randomUUID();
  const job: Job = { jobId, request, createdAt: now, tags, status: "SUBMITTED", attempts: [] };
  const children = Array.from({ length: request.arraySize ?? 0 }, (_none, index): Job => {
    const own = { jobId: `${jobId}:${index}`, parentId: jobId, index };
    return { ...own, request, createdAt: now, tags: {}, status: "SUBMITTED", attempts: [] };
  });
  return [job, ...children];
}

function readRequest(
  from: JsonObject,
  resources: ResourceBook,
  book: JobBook,
): { request: JobRequest; tags: Record<string, string> } {
  const unsupported = UNSUPPORTED.find((name) => from[name] !== undefined && from[name] !== null);
  if (unsupported !== undefined) {
    throw clientError(`The sandbox does not support ${unsupported}.`);
  }
  const jobName = checkName(neededText(from, "jobName"), "Job name");
  const queue = openQueue(neededText(from, "jobQueue"), resources);
  const definition = activeDefinition(neededText(from, "jobDefinition"), resources);
  const arraySize = numberField(objectField(from, "arrayProperties"), "size", 2, 10_000);
  const parameters = { ...definition.parameters, ...textMap(from, "parameters") };
  const overrides = objectField(from, "containerOverrides");
  const strategy = { ...retryStrategy(definition as unknown as JsonObject), ...retryStrategy(from) };
  const tags = checkTags(textMap(from, "tags"));
  const propagateTags = from.propagateTags === undefined ? definition.propagateTags : flagField(from, "propagateTags");
  const schedulingPriority = numberField(from, "schedulingPriorityOverride", 0, 9999);
  const shareIdentifier = checkShare(textField(from, "shareIdentifier"), queue);
  const refusal = lateRefusal(overrides) ?? tagRefusal(propagateTags, tags, definition);
  return {
    tags,
    request: {
      jobName,
      jobQueue: queue.jobQueueArn,
      jobDefinition: definition.jobDefinitionArn,
      ...(arraySize === undefined ? {} : { arraySize }),
      dependsOn: dependencies(from, arraySize, book),
      parameters,
      container: containerSpec(definition, overrides, parameters),
      attempts: strategy.attempts ?? 1,
      exitRules: strategy.exitRules ?? [],
      ...(strategy.timeoutSeconds === undefined ? {} : { timeoutSeconds: strategy.timeoutSeconds }),
      ...(shareIdentifier === undefined ? {} : { shareIdentifier }),
      ...(schedulingPriority === undefined ? {} : { schedulingPriority }),
      propagateTags,
      platformCapabilities: definition.platformCapabilities,
      ...(refusal === undefined ? {} : { lateRefusal: refusal }),
    },
  };
}

function openQueue(reference: string, resources: ResourceBook): JobQueue {
  const queue = queueOf(reference, resources);
  if (queue.state !== "ENABLED" || queue.status !== "VALID") {
    throw clientError(`Job Queue ${queue.jobQueueName} is ${queue.state} and ${queue.status}: it takes no new jobs.`);
  }
  return queue;
}

function activeDefinition(reference: string, resources: ResourceBook): JobDefinition {
  const definition = resources.definition(reference);
  if (definition === undefined || definition.status !== "ACTIVE") {
    throw clientError(`JobDefinition ${reference} not found, or not active.`);
  }
  return definition;
}

function checkShare(share: string | undefined, queue: JobQueue): string | undefined {
  if (queue.schedulingPolicyArn !== undefined && share === undefined) {
    throw clientError(
      `shareIdentifier must be given for the queue ${queue.jobQueueName}, which has a scheduling policy.`,
    );
  }
  if (queue.schedulingPolicyArn === undefined && share !== undefined) {
    throw clientError(
      `shareIdentifier must not be given for the queue ${queue.jobQueueName}, which has no scheduling policy.`,
    );
  }
  if (share !== undefined && !/^[A-Za-z0-9]{1,255}$/.test(share)) {
    throw clientError("shareIdentifier must have letters and digits only.");
  }
  return share;
}

function tagRefusal(propagates: boolean, tags: object, definition: JobDefinition): string | undefined {
  const names = new Set([...Object.keys(tags), ...Object.keys(definition.tags)]);
  return propagates && names.size > MAX_TAGS
    ? `The tags of the job and of its definition are more than ${MAX_TAGS}.`
    : undefined;
}

function dependencies(from: JsonObject, arraySize: number | undefined, book: JobBook): Dependency[] {
  const found = objectList(from, "dependsOn").map((one): Dependency => {
    const jobId = textField(one, "jobId");
    const type = wordField(one, "type", ["N_TO_N", "SEQUENTIAL"]);
    return { ...(jobId === undefined ? {} : { jobId }), ...(type === undefined ? {} : { type }) };
  });
  if (found.length > MAX_DEPENDENCIES) {
    throw clientError(`A job can depend on at most ${MAX_DEPENDENCIES} jobs.`);
  }
  for (const dependency of found) {
    checkDependency(dependency, arraySize, book);
  }
  return found;
}

function checkDependency({ jobId, type }: Dependency, arraySize: number | undefined, book: JobBook): void {
  if (type !== undefined && arraySize === undefined) {
    throw clientError(`A dependency of the type ${type} requires an array job.`);
  }
  if (jobId === undefined) {
    if (type !== "SEQUENTIAL") {
      throw clientError("A dependency requires a jobId, unless it is SEQUENTIAL.");
    }
    return;
  }
  const other = book.find(jobId);
  if (other === undefined) {
    throw clientError(`The job ${jobId} in dependsOn does not exist.`);
  }
  if (type === "N_TO_N" && !(isArray(other) && other.request.arraySize === arraySize)) {
    throw clientError(`The job ${jobId} in dependsOn is not an array of the same size, which N_TO_N requires.`);
  }
}
