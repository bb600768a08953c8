import assert from "node:assert/strict";
import { type BatchModel, batchModel, DELAYS } from "./batch-model.ts";

describe("The attempts of a job of Batch", () => {
  let batch: BatchModel;
  beforeEach(() => {
    batch = batchModel();
  });
  afterEach(() => batch.core.close());

  const retryStrategy = (attempts: number, ...evaluateOnExit: object[]) => ({
    retryStrategy: { attempts, evaluateOnExit },
  });

  it("are repeated until they are used up, each in a container of its own", async () => {
    const job = batch.submit(retryStrategy(2));
    await batch.passes(3);
    const first = batch.container(job);
    await batch.end(job, 3);
    assert.deepEqual([job.attempts.length, job.isTerminated], [1, undefined]);
    await batch.passes(2);
    const second = batch.container(job);
    assert.notEqual(first.taskId, second.taskId);
    assert.deepEqual([first.environment.AWS_BATCH_JOB_ATTEMPT, second.environment.AWS_BATCH_JOB_ATTEMPT], ["1", "2"]);
    await batch.end(job, 4);
    assert.deepEqual([job.status, job.attempts.map(({ exitCode }) => exitCode)], ["FAILED", [3, 4]]);
    assert.notEqual(job.attempts[0]?.logStreamName, job.attempts[1]?.logStreamName);
  });

  it("are decided by the first rule that matches, and repeated when none matches", async () => {
    const rules = [
      { onExitCode: "4*", action: "EXIT" },
      { onReason: "CannotPull*", action: "retry" },
    ];
    const job = batch.submit(retryStrategy(5, ...rules));
    await batch.passes(3);
    await batch.end(job, 7);
    await batch.passes(2);
    assert.equal(job.attempts.length, 1);
    await batch.end(job, 42);
    assert.deepEqual([job.status, job.attempts.length], ["FAILED", 2]);
  });

  it("go to the front of the queue again", async () => {
    const full = { containerOverrides: { resourceRequirements: [{ type: "VCPU", value: "4" }] } };
    const jobs = Array.from({ length: 6 }, () => batch.submit({ ...full, ...retryStrategy(2) }));
    const [first] = jobs;
    assert.ok(first);
    await batch.passes(3);
    await batch.end(first, 1);
    await batch.passes();
    assert.deepEqual(
      jobs.map(({ status }) => status),
      ["RUNNING", "RUNNING", "RUNNING", "RUNNING", "RUNNABLE", "RUNNABLE"],
    );
    assert.equal(first.attempts.length, 1);
  });

  it("end by SIGTERM at their time limit, by SIGKILL 30 s later, and are not repeated", async () => {
    const job = batch.submit({ ...retryStrategy(3), timeout: { attemptDurationSeconds: 60 } });
    await batch.passes(3);
    const { signals } = batch.container(job);
    await batch.passes((60 * DELAYS.secondMs) / DELAYS.scheduleMs - 1);
    assert.deepEqual(signals, []);
    await batch.passes(1);
    assert.deepEqual(signals, ["SIGTERM"]);
    await batch.passes((30 * DELAYS.secondMs) / DELAYS.scheduleMs);
    assert.deepEqual(signals, ["SIGTERM", "SIGKILL"]);
    await batch.end(job, 137);
    assert.deepEqual([job.status, job.statusReason], ["FAILED", "Job attempt duration exceeded timeout"]);
    assert.equal(job.attempts.length, 1);
  });

  it("do not count the pull of the image for their time limit, and fail when it is not possible", async () => {
    batch.faults.pullFailures = 1;
    const job = batch.submit();
    await batch.passes(3);
    assert.deepEqual([job.status, job.statusReason, job.startedAt], ["FAILED", "Task failed to start", undefined]);
    const [attempt] = job.attempts;
    assert.match(attempt?.reason ?? "", /^CannotPullContainerError: .*no space left on device$/);
    assert.deepEqual([attempt?.exitCode, attempt?.logStreamName], [undefined, undefined]);
  });

  it("stay STARTING with a container that never starts, until they are terminated or lose their instance", async () => {
    batch.faults.startsHang = 2;
    const [first, second, third] = [batch.submit(), batch.submit(retryStrategy(2)), batch.submit()];
    await batch.passes(200);
    assert.deepEqual(
      [first, second, third].map(({ status }) => status),
      ["STARTING", "STARTING", "RUNNING"],
    );
    batch.terminate(first);
    await batch.passes(2);
    assert.deepEqual([first.status, first.statusReason, first.startedAt], ["FAILED", "enough", undefined]);
    const machine = batch.machines.get(second.placement?.instanceId ?? "");
    assert.ok(machine);
    machine.state = "gone";
    await batch.passes(4);
    assert.equal(second.status, "RUNNING", "the next attempt starts");
  });

  it("wait STARTING while the computer runs as many containers as it can, and can be ended meanwhile", async () => {
    batch.mostContainers = 0;
    const [first, second] = [batch.submit(), batch.submit()];
    await batch.passes(5);
    assert.deepEqual([first.status, second.status], ["STARTING", "STARTING"]);
    batch.terminate(second);
    await batch.passes(2);
    assert.deepEqual([second.status, second.statusReason], ["FAILED", "enough"]);
    batch.mostContainers = 1;
    await batch.passes(2);
    assert.equal(first.status, "RUNNING");
  });

  it("that lose their instance have its reason, and no exit code if they were killed with it", async () => {
    const job = batch.submit(
      retryStrategy(2, { onStatusReason: "Host EC2*", action: "RETRY" }, { onReason: "*", action: "EXIT" }),
    );
    await batch.passes(3);
    const machine = batch.machines.get("i-0");
    assert.ok(machine);
    machine.state = "ending";
    await batch.passes();
    assert.equal(job.status, "RUNNING", "it may use the time until the instance is gone");
    machine.state = "gone";
    await batch.passes();
    assert.deepEqual(batch.container(job).signals, ["SIGKILL"]);
    await batch.end(job, 137);
    const [attempt] = job.attempts;
    assert.deepEqual([attempt?.statusReason, attempt?.exitCode], ["Host EC2 (instance i-0) terminated.", undefined]);
    await batch.passes(3);
    assert.deepEqual([job.status, job.placement?.instanceId], ["RUNNING", "i-1"]);
  });

  it("that end by themselves while their instance ends have succeeded", async () => {
    batch.faults.spotReclaims = 1;
    const job = batch.submit();
    await batch.passes(3);
    assert.equal(batch.machines.get("i-0")?.state, "ending");
    await batch.end(job, 0);
    assert.equal(job.status, "SUCCEEDED");
  });
});
