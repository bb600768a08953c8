import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { BatchClient } from "@aws-sdk/client-batch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { type Sandbox, startSandbox } from "lightly-aws-sandbox";
import { systemClock } from "../../../src/polling/clock.ts";
import { endedChildren } from "../../../src/services/batch/job/ended-children.ts";
import { findEarlierJob } from "../../../src/services/batch/job/find-job.ts";
import { type FollowJobOptions, followJob } from "../../../src/services/batch/job/follow-job.ts";
import { jobError } from "../../../src/services/batch/job/job-end.ts";
import { type JobRequest, jobInput } from "../../../src/services/batch/job/job-input.ts";
import { submitJob } from "../../../src/services/batch/job/submit-job.ts";
import { terminateJob } from "../../../src/services/batch/job/terminate-job.ts";
import { JobLog } from "../../../src/services/batch/log/job-log.ts";
import { capacityLeft } from "../../../src/services/batch/queue/capacity-left.ts";
import { checkDefinition } from "../../../src/services/batch/queue/check-definition.ts";
import { checkQueue } from "../../../src/services/batch/queue/check-queue.ts";
import { listDefinitions, listQueues } from "../../../src/services/batch/queue/list-resources.ts";
import { HANG_MS } from "../../support/limits.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Real processes, real bytes, real time: all services of Batch together. */
describe("Jobs of Batch in the sandbox", () => {
  let sandbox: Sandbox;
  let batch: BatchClient;
  let logs: CloudWatchLogsClient;
  const signal = new AbortController().signal;
  const stateDir = temporaryFolder();
  const config = () => ({
    region: sandbox.region,
    credentials: sandbox.credentials,
    endpoint: sandbox.endpoints.aws,
  });

  before(async () => {
    const videosDir = join(stateDir, "videos");
    mkdirSync(videosDir);
    sandbox = await startSandbox({
      stateDir: join(stateDir, "state"),
      videosDir,
      delays: { startMs: 20, onlineMs: 20, stopMs: 20, scheduleMs: 20, pullMs: 20, idleMs: 100, secondMs: 50 },
    });
    batch = new BatchClient(config());
    logs = new CloudWatchLogsClient(config());
  });

  after(async () => {
    batch.destroy();
    logs.destroy();
    await sandbox.close();
  });

  afterEach(() => sandbox.faults.clear());

  let count = 0;
  const submit = (command: string, more: Partial<JobRequest> = {}) => {
    count += 1;
    const request = { jobName: `job-${count}`, queue: "lightly-queue", definition: "sandbox-shell", ...more };
    return submitJob({ batch, input: jobInput({ ...request, command: ["sh", "-c", command] }), signal });
  };
  const follow = (jobId: string, more: Partial<FollowJobOptions> = {}) =>
    followJob({
      batch,
      jobId,
      timeoutMs: HANG_MS,
      capacityTimeoutMs: HANG_MS,
      startTimeoutMs: HANG_MS,
      pollMs: 50,
      signal,
      ...more,
    });

  it("runs a command with its variables, and reads its log", async () => {
    assert.deepEqual(await checkQueue({ batch, queue: "lightly-queue", signal }), []);
    assert.deepEqual(await checkDefinition({ batch, definition: "sandbox-shell", signal }), []);
    const { jobId } = await submit('echo "hello $WHO"; echo two', { environment: { WHO: "batch" } });
    const lines: string[] = [];
    const log = new JobLog(logs, {
      onLines: (read) => lines.push(...read),
      onFault: (fault) => {
        throw fault;
      },
    });
    const job = await follow(jobId, { onReport: (report) => log.read(report, signal) });
    await log.drain(job, signal);
    assert.deepEqual([job.state, job.exitCode, lines], ["SUCCEEDED", 0, ["hello batch", "two"]]);
    assert.deepEqual(await findEarlierJob(search(job.jobName)), { jobId, jobName: job.jobName });
  });

  const search = (jobName: string) => ({
    ...{ batch, queue: "lightly-queue", jobName, signal },
    ...{ intendedAt: Date.now(), clock: systemClock },
  });

  it("tells which children of an array have failed", async () => {
    const { jobId } = await submit('test "$AWS_BATCH_JOB_ARRAY_INDEX" != 2 || exit 5', { size: 4 });
    const job = await follow(jobId);
    assert.deepEqual([job.state, job.children], ["FAILED", { size: 4, counts: { SUCCEEDED: 3, FAILED: 1 } }]);
    assert.match(jobError(job).message, /^1 of the 4 children/);
    const { failures, time } = await endedChildren(batch, job, signal);
    assert.deepEqual(
      failures.map(({ index, exitCode, code }) => [index, exitCode, code]),
      [[2, 5, "BATCH_JOB_FAILED"]],
    );
    assert.equal(time.jobs, 4);
    assert.ok(time.containerMs > 0);
  });

  it("terminates an array with all its children", async () => {
    const { jobId } = await submit("sleep 60", { size: 3 });
    await terminateJob({ batch, jobId, reason: "enough", timeoutMs: HANG_MS, pollMs: 50, signal });
    const job = await follow(jobId);
    assert.deepEqual([job.state, job.isStopped, job.children?.counts], ["FAILED", true, { FAILED: 3 }]);
    assert.equal(jobError(job).code, "BATCH_JOB_CANCELED");
  });

  it("reports a job that no instance of the queue can run", async () => {
    const { jobId } = await submit("true", { memoryMib: 1_000_000 });
    await assert.rejects(follow(jobId), { code: "BATCH_JOB_BLOCKED", message: /MISCONFIGURATION/ });
    await terminateJob({ batch, jobId, reason: "blocked", timeoutMs: HANG_MS, pollMs: 50, signal });
  });

  it("is at zero some time after the last job", async () => {
    // Answers of a client are used for some seconds.
    const zero = async (): Promise<boolean> => {
      const client = new BatchClient(config());
      try {
        return (await capacityLeft(client, "lightly-queue", signal)).isAtZero;
      } finally {
        client.destroy();
      }
    };
    for (let look = 0; look < 100 && !(await zero()); look += 1) {
      await systemClock.sleep(50, signal);
    }
    assert.equal(await zero(), true);
  });

  it("lists queues and definitions to choose from", async () => {
    assert.deepEqual(
      (await listQueues(batch, signal)).items.map(({ name }) => name),
      ["lightly-queue", "lightly-spot-queue"],
    );
    const definitions = (await listDefinitions(batch, signal)).items;
    assert.deepEqual(
      definitions.map(({ name }) => name),
      ["lightly-studio", "lightly-worker", "sandbox-shell"],
    );
    assert.deepEqual(definitions[1]?.details, ["lightly/worker:latest"]);
  });
});
