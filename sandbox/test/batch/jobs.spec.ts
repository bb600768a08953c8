import assert from "node:assert/strict";
import { eventually, isAlive, numberIn } from "../instances/running-sandbox.ts";
import { type BatchCloud, startBatchCloud } from "./batch-cloud.ts";

describe("A job of Batch", () => {
  let cloud: BatchCloud;
  before(async () => {
    cloud = await startBatchCloud({ delays: { secondMs: 10 } });
  });
  afterEach(() => cloud.running.sandbox.faults.clear());
  after(() => cloud.running.close());

  it("runs as a process on an instance that is started for it, and the instance is terminated afterwards", async () => {
    const { sandbox } = cloud.running;
    const jobId = await cloud.submit(
      "echo $AWS_BATCH_JOB_ID $AWS_BATCH_JOB_ATTEMPT $AWS_BATCH_JQ_NAME $AWS_BATCH_CE_NAME; echo to stderr >&2",
    );
    const job = await cloud.over(jobId);
    assert.equal(job.status, "SUCCEEDED");
    assert.equal(job.statusReason, "Essential container in task exited");
    assert.equal(job.container.exitCode, 0);
    assert.ok(job.createdAt <= job.startedAt && job.startedAt <= job.stoppedAt);
    assert.equal(job.attempts.length, 1);
    assert.match(job.container.logStreamName, /^sandbox-shell\/default\/[0-9a-f]{32}$/);
    const { events } = await cloud.logs("GetLogEvents", {
      logGroupName: "/aws/batch/job",
      logStreamName: job.container.logStreamName,
      startFromHead: true,
    });
    const lines = events.map(({ message }: { message: string }) => message).sort();
    assert.deepEqual(lines, [`${jobId} 1 lightly-queue lightly-environment`, "to stderr"].sort());
    const states = sandbox.events.list({ kind: "job" }).filter((event) => event.jobId === jobId);
    assert.deepEqual(
      states.map(({ status }) => status),
      ["SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"],
    );
    const [instance] = sandbox.record.instances().filter(({ instanceId }) => instanceId !== sandbox.instanceId);
    assert.ok(instance);
    await eventually("the instance to be terminated", () =>
      sandbox.record
        .instances()
        .every(({ instanceId, state }) => instanceId === sandbox.instanceId || state === "terminated"),
    );
    const { computeEnvironments } = await cloud.batch("DescribeComputeEnvironments");
    assert.deepEqual(
      computeEnvironments.map(
        (one: { computeResources: { desiredvCpus: number } }) => one.computeResources.desiredvCpus,
      ),
      [0, 0],
    );
  });

  it("that is terminated gets SIGTERM, and has the reason as its statusReason", async () => {
    const file = `${cloud.running.stateDir}/pid`;
    const jobId = await cloud.submit(`echo $$ > ${file}; exec sleep 600`);
    const pid = await eventually("the process to run", () => numberIn(file));
    await cloud.batch("TerminateJob", { jobId, reason: "enough" });
    const job = await cloud.over(jobId);
    assert.deepEqual(
      [job.status, job.statusReason, job.isTerminated, job.container.exitCode],
      ["FAILED", "enough", true, 143],
    );
    assert.ok(!isAlive(pid));
  });

  it("that ignores SIGTERM is killed 30 s later", async () => {
    const file = `${cloud.running.stateDir}/trapped`;
    const jobId = await cloud.submit(`trap '' TERM; echo $$ > ${file}; while :; do sleep 0.02; done`);
    await eventually("the trap", () => numberIn(file));
    await cloud.batch("TerminateJob", { jobId, reason: "enough" });
    assert.equal((await cloud.over(jobId)).container.exitCode, 137);
  });

  it("whose instance is reclaimed fails for that reason, and is attempted again by its rules", async () => {
    cloud.running.sandbox.faults.spotReclaims = 1;
    const retryStrategy = {
      attempts: 2,
      evaluateOnExit: [
        { onStatusReason: "Host EC2*", action: "RETRY" },
        { onReason: "*", action: "EXIT" },
      ],
    };
    const jobId = await cloud.submit('[ "$AWS_BATCH_JOB_ATTEMPT" = 2 ] || sleep 600', { retryStrategy });
    const job = await cloud.over(jobId);
    assert.equal(job.status, "SUCCEEDED");
    assert.match(job.attempts[0].statusReason, /^Host EC2 \(instance i-[0-9a-f]+\) terminated\.$/);
    assert.notEqual(job.attempts[0].container.containerInstanceArn, job.attempts[1].container.containerInstanceArn);
  });
});
