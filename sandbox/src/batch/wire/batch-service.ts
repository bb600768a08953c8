import type { ServerResponse } from "node:http";
import { AwsFault } from "../../aws/aws-fault.ts";
import type { AwsRequest, AwsService } from "../../aws/aws-service.ts";
import type { BatchCore } from "../batch-core.ts";
import { cancelJob, terminateJob } from "../jobs/end-jobs.ts";
import { batchArn } from "../resources/arns.ts";
import { deregisterJobDefinition, registerJobDefinition } from "./change-definitions.ts";
import { createComputeEnvironment, deleteComputeEnvironment, updateComputeEnvironment } from "./change-environments.ts";
import { createJobQueue, deleteJobQueue, updateJobQueue } from "./change-queues.ts";
import { describeComputeEnvironments, describeJobDefinitions, describeJobQueues } from "./describe-resources.ts";
import { endJob, endJobs } from "./end-jobs.ts";
import { clientError, type JsonObject, parseBody, textList } from "./fields.ts";
import { jobDetail } from "./job-detail.ts";
import { listJobs } from "./list-jobs.ts";
import { jobQueueSnapshot } from "./queue-snapshot.ts";
import { submittedJobs } from "./submit-job.ts";
import { TAG_ACTIONS } from "./tags.ts";

type Action = (core: BatchCore, from: JsonObject) => JsonObject | undefined;

const MAX_PAYLOAD_BYTES = 30 * 1024;
const MAX_DESCRIBED = 100;

/** Each operation is `POST /v1/` and its name in lower case. */
const ACTIONS: Readonly<Record<string, Action>> = {
  SubmitJob(core, from) {
    const jobs = submittedJobs(from, core.resources, core.book, core.clock.wallNow());
    core.submit(jobs);
    const [{ jobId, request }] = jobs;
    return { jobArn: batchArn(core.region, `job/${jobId}`), jobName: request.jobName, jobId };
  },
  DescribeJobs(core, from) {
    const ids = textList(from, "jobs");
    if (ids.length > MAX_DESCRIBED) {
      throw clientError(`jobs can name at most ${MAX_DESCRIBED} jobs.`);
    }
    const jobs = [...new Set(ids)].flatMap((id) => core.book.find(id.replace(/^arn:.*:job\//, "")) ?? []);
    return { jobs: jobs.filter(core.isVisible).map((job) => jobDetail(job, core)) };
  },
  ListJobs: (core, from) => listJobs(from, core),
  TerminateJob: (core, from) => endJob(core, from, terminateJob),
  CancelJob: (core, from) => endJob(core, from, cancelJob),
  TerminateJobs: (core, from) => endJobs(core, from, terminateJob),
  CancelJobs: (core, from) => endJobs(core, from, cancelJob),
  DescribeJobQueues: (core, from) => describeJobQueues(from, core.resources),
  DescribeComputeEnvironments: (core, from) => describeComputeEnvironments(from, core.resources, core.poolOf),
  DescribeJobDefinitions: (core, from) => describeJobDefinitions(from, core.resources),
  GetJobQueueSnapshot: (core, from) => jobQueueSnapshot(core, from),
  RegisterJobDefinition: (core, from) => registerJobDefinition(from, core),
  DeregisterJobDefinition: (core, from) => deregisterJobDefinition(from, core),
  CreateComputeEnvironment: (core, from) => createComputeEnvironment(from, core),
  UpdateComputeEnvironment: (core, from) => updateComputeEnvironment(from, core),
  DeleteComputeEnvironment: (core, from) => deleteComputeEnvironment(from, core),
  CreateJobQueue: (core, from) => createJobQueue(from, core),
  UpdateJobQueue: (core, from) => updateJobQueue(from, core),
  DeleteJobQueue: (core, from) => deleteJobQueue(from, core),
};

const TAGS_PATH = "/v1/tags/";
const TAG_OPERATIONS: Readonly<Record<string, keyof typeof TAG_ACTIONS>> = {
  POST: "TagResource",
  GET: "ListTagsForResource",
  DELETE: "UntagResource",
};

/** The names of all operations. */
export const BATCH_OPERATIONS: readonly string[] = [...Object.keys(ACTIONS), ...Object.keys(TAG_ACTIONS)];

/** AWS Batch in its REST protocol with JSON (version 2016-08-10). */
export function createBatchService(core: BatchCore): AwsService {
  return {
    name: "batch",
    operation: operationOf,
    async handle(request) {
      const name = operationOf(request);
      const action = ACTIONS[name] ?? tagAction(name, request.url);
      if (action === undefined) {
        const { method, url } = request.message;
        throw new AwsFault("UnknownOperationException", 404, `The sandbox's Batch does not support ${method} ${url}.`);
      }
      const body = await request.body();
      if (name === "SubmitJob" && body.length > MAX_PAYLOAD_BYTES) {
        const kib = Math.ceil(body.length / 1024);
        throw clientError(`Job size must be less than 30 KiB, got ${kib} KiB`, request.requestId);
      }
      write(request.response, 200, action(core, parseBody(body)));
    },
    refuse(response, error) {
      const code = error.code === "InternalError" ? "ServerException" : error.code;
      response.setHeader("x-amzn-errortype", code);
      write(response, error.status, { message: error.message });
    },
  };
}

/** The ARN is one encoded segment of the path. */
function tagAction(name: string, { pathname, searchParams }: URL): Action | undefined {
  const action = TAG_ACTIONS[name as keyof typeof TAG_ACTIONS];
  const arn = pathname.slice(TAGS_PATH.length);
  return action && ((core, from) => action(core, decodeURIComponent(arn), from, searchParams));
}

function operationOf({ message, url }: AwsRequest): string {
  const { method = "" } = message;
  if (url.pathname.startsWith(TAGS_PATH)) {
    return TAG_OPERATIONS[method] ?? "";
  }
  const [, name] = /^\/v1\/(\w+)\/?$/.exec(url.pathname) ?? [];
  return (method === "POST" && Object.keys(ACTIONS).find((one) => one.toLowerCase() === name)) || "";
}

/** An operation without a result answers with an empty body. */
function write(response: ServerResponse, status: number, body: JsonObject | undefined): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
