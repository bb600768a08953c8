import type { ServerResponse } from "node:http";
import { AwsFault } from "../../aws/aws-fault.ts";
import type { AwsRequest, AwsService } from "../../aws/aws-service.ts";
import type { BatchCore } from "../batch-core.ts";
import { batchArn } from "../resources/arns.ts";
import { describeComputeEnvironments, describeJobDefinitions, describeJobQueues } from "./describe-resources.ts";
import { cancelJob, endJob, endJobs, terminateJob } from "./end-jobs.ts";
import { clientError, type JsonObject, parseBody, textList } from "./fields.ts";
import { jobDetail } from "./job-detail.ts";
import { listJobs } from "./list-jobs.ts";
import { submittedJobs } from "./submit-job.ts";

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
  DescribeJobs({ book, region }, from) {
    const ids = textList(from, "jobs");
    if (ids.length > MAX_DESCRIBED) {
      throw clientError(`jobs can name at most ${MAX_DESCRIBED} jobs.`);
    }
    const jobs = [...new Set(ids)].flatMap((id) => book.find(id.replace(/^arn:.*:job\//, "")) ?? []);
    return { jobs: jobs.map((job) => jobDetail(job, book, region)) };
  },
  ListJobs: (core, from) => listJobs(from, core),
  TerminateJob: (core, from) => endJob(core, from, terminateJob),
  CancelJob: (core, from) => endJob(core, from, cancelJob),
  TerminateJobs: (core, from) => endJobs(core, from, terminateJob),
  CancelJobs: (core, from) => endJobs(core, from, cancelJob),
  DescribeJobQueues: (core, from) => describeJobQueues(from, core.resources),
  DescribeComputeEnvironments: (core, from) => describeComputeEnvironments(from, core.resources, core.poolOf),
  DescribeJobDefinitions: (core, from) => describeJobDefinitions(from, core.resources),
};

/** The names of all operations. */
export const BATCH_OPERATIONS: readonly string[] = Object.keys(ACTIONS);

/** AWS Batch in its REST protocol with JSON (version 2016-08-10). */
export function createBatchService(core: BatchCore): AwsService {
  return {
    name: "batch",
    operation: operationOf,
    async handle(request) {
      const name = operationOf(request);
      const action = ACTIONS[name];
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

function operationOf({ message, url }: AwsRequest): string {
  const [, name] = /^\/v1\/(\w+)\/?$/.exec(url.pathname) ?? [];
  return (message.method === "POST" && BATCH_OPERATIONS.find((one) => one.toLowerCase() === name)) || "";
}

/** An operation without a result answers with an empty body. */
function write(response: ServerResponse, status: number, body: JsonObject | undefined): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
