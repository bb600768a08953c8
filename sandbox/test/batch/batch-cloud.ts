import type { SandboxOptions } from "../../src/start-sandbox.ts";
import { send } from "../aws/raw-request.ts";
import { eventually, type Running, startRunning } from "../instances/running-sandbox.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are compared member by member
export type Answer = any;

/** A sandbox with requests to Batch and CloudWatch Logs. */
export interface BatchCloud {
  readonly running: Running;
  /** Sends an operation of Batch; an error is thrown with its name and status. */
  batch(operation: string, body?: object): Promise<Answer>;
  /** The same for CloudWatch Logs. */
  logs(operation: string, body: object): Promise<Answer>;
  /** Submits a job to the shell of the ready-made definition; returns its id. */
  submit(command: string, more?: object): Promise<string>;
  job(jobId: string): Promise<Answer>;
  /** Waits until the job is over. */
  over(jobId: string): Promise<Answer>;
  /** Waits until the job is in a state. */
  reaches(jobId: string, status: string): Promise<Answer>;
}

/** Short enough for tests, long enough to be observed. */
const QUICK = { scheduleMs: 20, pullMs: 20, idleMs: 100 };

let names = 0;

export async function startBatchCloud(options: Partial<SandboxOptions> = {}): Promise<BatchCloud> {
  const running = await startRunning({ ...options, delays: { ...QUICK, ...options.delays } });
  const { endpoints, credentials } = running.sandbox;
  const ask = async (service: string, path: string, headers: Record<string, string>, body: object): Promise<Answer> => {
    const request = { method: "POST", service, path, headers, body: JSON.stringify(body), credentials };
    const { status, headers: answered, body: text } = await send(endpoints.aws, request);
    const answer = text === "" ? {} : JSON.parse(text);
    if (status !== 200) {
      throw Object.assign(new Error(answer.message), { name: answered["x-amzn-errortype"], status });
    }
    return answer;
  };
  const cloud: BatchCloud = {
    running,
    batch: (operation, body = {}) =>
      ask("batch", `/v1/${operation.toLowerCase()}`, { "content-type": "application/json" }, body),
    logs: (operation, body) => {
      const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": `Logs_20140328.${operation}` };
      return ask("logs", "/", headers, body);
    },
    async submit(command, { containerOverrides, ...more }: Answer = {}) {
      names += 1;
      const { jobId } = await cloud.batch("SubmitJob", {
        jobName: `job-${names}`,
        jobQueue: "lightly-queue",
        jobDefinition: "sandbox-shell",
        containerOverrides: { command: ["sh", "-c", command], ...containerOverrides },
        ...more,
      });
      return jobId;
    },
    job: async (jobId) => (await cloud.batch("DescribeJobs", { jobs: [jobId] })).jobs[0],
    over: (jobId) =>
      eventually(
        `job ${jobId} to be over`,
        async () => {
          const job = await cloud.job(jobId);
          return ["SUCCEEDED", "FAILED"].includes(job.status) && job;
        },
        30_000,
      ),
    reaches: (jobId, status) =>
      eventually(`job ${jobId} to be ${status}`, async () => {
        const job = await cloud.job(jobId);
        return job.status === status && job;
      }),
  };
  return cloud;
}
