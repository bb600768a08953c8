import assert from "node:assert/strict";
import { type BatchModel, batchModel, DELAYS } from "./batch-model.ts";

describe("The scheduler of Batch", () => {
  let batch: BatchModel;
  beforeEach(() => {
    batch = batchModel();
  });
  afterEach(() => batch.core.close());

  const LARGE = { containerOverrides: { resourceRequirements: [{ type: "VCPU", value: "4" }] } };
  const needs = (type: string, value: string) => ({ containerOverrides: { resourceRequirements: [{ type, value }] } });

  it("moves a job through its states, and starts an instance only when it is RUNNABLE", async () => {
    batch = batchModel({ autoOnline: false });
    const job = batch.submit();
    assert.equal(job.status, "SUBMITTED");
    assert.equal(batch.machines.size, 0);
    await batch.passes();
    assert.equal(job.status, "RUNNABLE");
    assert.deepEqual([...batch.machines.values()], [{ state: "starting", type: "g4dn.xlarge" }]);
    await batch.passes(5);
    assert.equal(job.status, "RUNNABLE");
    batch.online();
    await batch.passes();
    assert.equal(job.status, "STARTING");
    assert.equal(job.startedAt, undefined);
    await batch.passes();
    assert.equal(job.status, "RUNNING");
    assert.equal(job.placement?.instanceId, "i-0");
    await batch.end(job);
    assert.deepEqual([job.status, job.statusReason], ["SUCCEEDED", "Essential container in task exited"]);
  });

  it("keeps an idle instance for a while, and then wants no vCPUs", async () => {
    const job = batch.submit();
    await batch.passes(3);
    await batch.end(job);
    const desired = () => batch.core.poolOf("lightly-environment")?.desiredvCpus;
    await batch.passes(DELAYS.idleMs / DELAYS.scheduleMs - 1);
    assert.equal(desired(), 4);
    await batch.passes(2);
    assert.equal(desired(), 0);
    assert.equal(batch.machines.get("i-0")?.state, "gone");
    assert.equal(batch.clock.alarms, 0, "no pass is planned when nothing is left");
  });

  it("uses no more vCPUs than the environment's maximum", async () => {
    const jobs = Array.from({ length: 10 }, () => batch.submit(LARGE));
    await batch.passes(4);
    const running = jobs.filter(({ status }) => status === "RUNNING");
    assert.equal(running.length, 4);
    assert.equal(batch.machines.size, 4);
    for (const job of running) {
      await batch.end(job);
    }
    await batch.passes();
    assert.equal(jobs.filter(({ status }) => status === "RUNNING").length, 4);
    assert.equal(batch.machines.size, 4, "the instances are used again");
  });

  it("lets small jobs share an instance, as far as vCPUs, memory and GPUs allow", async () => {
    for (let count = 0; count < 4; count += 1) {
      batch.submit();
    }
    await batch.passes(3);
    assert.deepEqual([batch.started.length, batch.machines.size], [4, 1]);
    batch.submit(needs("GPU", "1"));
    batch.submit(needs("GPU", "1"));
    await batch.passes(3);
    assert.deepEqual([batch.started.length, batch.machines.size], [6, 3]);
  });

  it("takes the second environment of a queue when the first one has no capacity", async () => {
    const queue = batch.core.resources.queue("lightly-queue");
    const spot = batch.core.resources.environment("lightly-spot-environment");
    assert.ok(queue && spot);
    queue.computeEnvironmentOrder = [
      { order: 2, computeEnvironment: queue.computeEnvironmentOrder[0]?.computeEnvironment ?? "" },
      { order: 1, computeEnvironment: spot.computeEnvironmentArn },
    ];
    batch.faults.capacityMissing = 1;
    const job = batch.submit();
    await batch.passes(4);
    assert.equal(batch.container(job).environment.AWS_BATCH_CE_NAME, "lightly-environment");
  });

  it("explains why the first job of a queue does not start, and only that one's", async () => {
    const tooLarge = batch.submit(needs("MEMORY", "16384"));
    const behind = batch.submit();
    await batch.passes(3);
    assert.match(tooLarge.statusReason ?? "", /^MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - /);
    assert.deepEqual([behind.status, behind.statusReason], ["RUNNABLE", undefined]);
    batch.terminate(tooLarge);
    const tooMany = batch.submit(needs("VCPU", "17"));
    await batch.passes(3);
    assert.equal(behind.status, "RUNNING");
    assert.match(tooMany.statusReason ?? "", /^MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - /);
  });

  it("reports missing capacity until there is some", async () => {
    batch.faults.capacityMissing = 2;
    const job = batch.submit();
    await batch.passes(2);
    assert.match(job.statusReason ?? "", /^CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - .*\[g4dn\.xlarge\]$/);
    await batch.passes();
    assert.equal(job.statusReason, undefined);
    await batch.passes(2);
    assert.equal(job.status, "RUNNING");
  });

  it("does not know the reason when an instance never joins the cluster", async () => {
    batch = batchModel({ autoOnline: false });
    batch.faults.neverOnline = true;
    const job = batch.submit();
    await batch.passes(3);
    assert.equal(job.statusReason, "UNDETERMINED - Batch job is blocked, root cause is undetermined.");
  });

  it("starts nothing while it is blocked by a fault, whose text is the reason", async () => {
    batch.faults.batchBlocked =
      "MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS – Batch service role has a permission issue.";
    const job = batch.submit();
    await batch.passes(3);
    assert.deepEqual([job.status, job.statusReason], ["RUNNABLE", batch.faults.batchBlocked]);
    assert.equal(batch.machines.size, 0);
  });

  it("cancels the first job by an action of the queue for its reason and time", async () => {
    const queue = batch.core.resources.queue("lightly-queue");
    assert.ok(queue);
    const reason = "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT";
    queue.jobStateTimeLimitActions = [{ reason, state: "RUNNABLE", maxTimeSeconds: 600, action: "CANCEL" }];
    const job = batch.submit(needs("MEMORY", "65536"));
    const passes = (600 * DELAYS.secondMs) / DELAYS.scheduleMs;
    await batch.passes(passes);
    assert.equal(job.status, "RUNNABLE");
    await batch.passes(4);
    assert.deepEqual(
      [job.status, job.statusReason],
      ["FAILED", `Canceled by JobStateTimeLimit action due to reason: ${reason}`],
    );
  });

  it("keeps the minimum of an environment, even without jobs", async () => {
    const environment = batch.core.resources.environment("lightly-environment");
    assert.ok(environment);
    environment.computeResources = { ...environment.computeResources, minvCpus: 8 };
    batch.core.scheduler.wake();
    await batch.passes(50);
    assert.equal(batch.core.poolOf("lightly-environment")?.desiredvCpus, 8);
    assert.equal(batch.machines.size, 2);
  });

  it("starts no instance in a disabled environment, and terminates those without jobs", async () => {
    const environment = batch.core.resources.environment("lightly-environment");
    assert.ok(environment);
    const first = batch.submit();
    await batch.passes(3);
    environment.state = "DISABLED";
    await batch.end(first);
    const second = batch.submit();
    await batch.passes(3);
    assert.equal(second.status, "RUNNING", "the instance that is there is used");
    await batch.end(second);
    await batch.passes(20);
    const third = batch.submit();
    await batch.passes(5);
    assert.deepEqual([third.status, batch.machines.size], ["RUNNABLE", 1]);
    environment.state = "ENABLED";
    await batch.passes(3);
    assert.deepEqual([third.status, batch.machines.size], ["RUNNING", 2]);
  });
});
