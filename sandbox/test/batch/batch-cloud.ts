import type { SandboxOptions } from "../../src/start-sandbox.ts";
import { eventually, type Running, startRunning } from "../instances/running-sandbox.ts";
import { type Answer, type Ask, askAt } from "./ask.ts";

/** A sandbox with requests to Batch and CloudWatch Logs. */
export interface BatchCloud extends Ask {
  readonly running: Running;
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
  const ask = askAt(endpoints.aws, credentials);
  const cloud: BatchCloud = {
    running,
    ...ask,
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
