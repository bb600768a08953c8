import { isArray, JOB_STATES, type Job } from "../jobs/job.ts";
import type { JobBook } from "../jobs/job-book.ts";
import { batchArn } from "../resources/arns.ts";
import type { ResourceBook } from "../resources/resource-book.ts";
import {
  clientError,
  type JsonObject,
  numberField,
  objectList,
  page,
  textField,
  textList,
  wordField,
} from "./fields.ts";
import { queueOf } from "./queue-of.ts";

export interface ListJobsParts {
  readonly book: JobBook;
  readonly resources: ResourceBook;
  readonly region: string;
  readonly isVisible: (job: Job) => boolean;
}

const SELECTORS = ["jobQueue", "arrayJobId", "multiNodeJobId"] as const;
const FILTERS = ["JOB_NAME", "JOB_DEFINITION", "BEFORE_CREATED_AT", "AFTER_CREATED_AT", "SHARE_IDENTIFIER"] as const;
const MAX_WITH_STATUS = 1000;
const MAX_WITH_FILTER = 100;

/** ListJobs: by status, RUNNING unless it is named, or by one filter, which finds all states. */
export function listJobs(from: JsonObject, parts: ListJobsParts): JsonObject {
  const selected = SELECTORS.filter((name) => textField(from, name) !== undefined);
  if (selected.length !== 1) {
    throw clientError("Exactly one of jobQueue, arrayJobId and multiNodeJobId must be given.");
  }
  const arrayJobId = textField(from, "arrayJobId");
  const filters = arrayJobId === undefined ? objectList(from, "filters") : [];
  if (filters.length > 1) {
    throw clientError("Only one filter can be used at a time.");
  }
  const status = wordField(from, "jobStatus", JOB_STATES);
  const [filter] = filters;
  const hasStatus = filter === undefined || filter.name === "SHARE_IDENTIFIER";
  const most = filter === undefined ? MAX_WITH_STATUS : MAX_WITH_FILTER;
  const size = Math.min(numberField(from, "maxResults", 1, MAX_WITH_STATUS) ?? most, most);
  const matches = filter === undefined ? () => true : filterOf(filter, parts.resources);
  const wanted = status ?? (filter === undefined ? "RUNNING" : undefined);
  const found = candidates(from, parts).filter(
    (job) => parts.isVisible(job) && matches(job) && (!hasStatus || wanted === undefined || job.status === wanted),
  );
  const { items, next } = page(arrayJobId === undefined ? inOrder(found, filter) : found, from, size);
  const isByName = filter?.name === "JOB_NAME";
  return { jobSummaryList: items.map((job) => summary(job, parts, isByName)), ...next };
}

/** The jobs of the queue without children, or the children of the array. */
function candidates(from: JsonObject, { book, resources }: ListJobsParts): readonly Job[] {
  const arrayJobId = textField(from, "arrayJobId");
  const queueName = textField(from, "jobQueue");
  if (arrayJobId !== undefined) {
    return book.children(arrayJobId);
  }
  if (queueName === undefined) {
    return []; // Multi-node jobs can't be submitted here.
  }
  const queue = queueOf(queueName, resources);
  return [...book.list()].filter(
    ({ request, parentId }) => parentId === undefined && request.jobQueue === queue.jobQueueArn,
  );
}

/** Newest first; found by a name, those of one name together. */
function inOrder(jobs: readonly Job[], filter: JsonObject | undefined): Job[] {
  const newest = jobs.toReversed();
  if (filter?.name !== "JOB_NAME") {
    return newest;
  }
  return [...Map.groupBy(newest, ({ request }) => request.jobName).values()].flat();
}

function filterOf(filter: JsonObject, resources: ResourceBook): (job: Job) => boolean {
  const name = wordField(filter, "name", FILTERS);
  const [value, ...more] = textList(filter, "values");
  if (name === undefined || value === undefined || more.length > 0) {
    throw clientError("A filter requires a name and exactly one value.");
  }
  switch (name) {
    case "JOB_NAME":
      return ({ request }) => matchesPattern(request.jobName.toLowerCase(), value.toLowerCase());
    case "JOB_DEFINITION":
      return ({ request }) => namesOf(request.jobDefinition, resources).some((one) => matchesPattern(one, value));
    case "BEFORE_CREATED_AT":
      return ({ createdAt }) => createdAt < timeOf(value);
    case "AFTER_CREATED_AT":
      return ({ createdAt }) => createdAt > timeOf(value);
    case "SHARE_IDENTIFIER":
      return ({ request }) => request.shareIdentifier === value;
  }
}

function timeOf(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw clientError(`'${text}' is not a time in milliseconds since 1970.`);
  }
  return Number(text);
}

/** A definition is found by its ARN, by its name, and by name and revision. */
function namesOf(arn: string, resources: ResourceBook): string[] {
  const definition = resources.definition(arn);
  const name = definition?.jobDefinitionName ?? arn;
  return [arn, name, `${name}:${definition?.revision}`];
}

function matchesPattern(text: string, pattern: string): boolean {
  return pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}

/** Of RUNNABLE jobs, and of jobs found by their name, the service leaves members out. */
function summary(job: Job, { book, region }: ListJobsParts, isByName: boolean): JsonObject {
  const { jobId, request, createdAt, startedAt, stoppedAt, status, statusReason, isCancelled, isTerminated } = job;
  const short = { jobArn: batchArn(region, `job/${jobId}`), jobId, jobName: request.jobName, createdAt, status };
  if (status === "RUNNABLE") {
    return short;
  }
  const last = job.attempts.at(-1);
  return {
    ...short,
    ...(statusReason === undefined ? {} : { statusReason }),
    ...(startedAt === undefined || isByName ? {} : { startedAt }),
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
    ...(last === undefined || isArray(job) ? {} : { container: end(last) }),
    ...(request.arraySize === undefined ? {} : { arrayProperties: array(job, book) }),
    jobDefinition: request.jobDefinition,
    ...(isCancelled ? { isCancelled } : {}),
    ...(isTerminated ? { isTerminated } : {}),
  };
}

function end({ exitCode, reason }: { readonly exitCode?: number; readonly reason?: string }): JsonObject {
  return { ...(exitCode === undefined ? {} : { exitCode }), ...(reason === undefined ? {} : { reason }) };
}

function array(job: Job, book: JobBook): JsonObject {
  return isArray(job)
    ? { size: job.request.arraySize, statusSummary: book.statusSummary(job.jobId) }
    : { index: job.index };
}
