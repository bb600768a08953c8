import assert from "node:assert/strict";
import { clientException } from "./ask.ts";
import { type BatchWire, startBatchWire } from "./batch-wire.ts";

describe("The wire of Batch", () => {
  let wire: BatchWire;
  beforeEach(async () => {
    wire = await startBatchWire();
  });
  afterEach(() => wire.close());

  const submit = async (more: object = {}): Promise<string> => {
    const request = { jobName: "job", jobQueue: "lightly-queue", jobDefinition: "sandbox-shell", ...more };
    return (await wire.batch("SubmitJob", request)).jobId;
  };
  const list = async (request: object) => await wire.batch("ListJobs", { jobQueue: "lightly-queue", ...request });
  const names = async (request: object): Promise<string[]> =>
    (await list(request)).jobSummaryList.map(({ jobName }: { jobName: string }) => jobName);

  describe("DescribeJobs", () => {
    it("leaves unknown ids out, and describes nothing for no ids and at most 100", async () => {
      const jobId = await submit();
      const { jobs } = await wire.batch("DescribeJobs", { jobs: ["unknown", jobId, jobId] });
      assert.deepEqual(
        jobs.map((job: { jobId: string }) => job.jobId),
        [jobId],
      );
      assert.deepEqual(await wire.batch("DescribeJobs", { jobs: [] }), { jobs: [] });
      const tooMany = Array.from({ length: 101 }, () => jobId);
      await assert.rejects(wire.batch("DescribeJobs", { jobs: tooMany }), clientException(/100/));
    });

    it("does not know a job at once if it takes a while, nor for ever", async () => {
      wire.model.delays.visibleMs = 150;
      const jobId = await submit();
      const described = async () => (await wire.batch("DescribeJobs", { jobs: [jobId] })).jobs.length;
      const byName = { filters: [{ name: "JOB_NAME", values: ["job"] }] };
      assert.deepEqual([await described(), await names(byName)], [0, []]);
      await wire.model.passes(3);
      assert.deepEqual([await described(), await names(byName)], [1, ["job"]]);
      const job = wire.model.core.book.find(jobId);
      assert.ok(job);
      wire.model.faults.jobsForgotten = true;
      assert.equal(await described(), 1);
      await wire.model.end(job);
      assert.deepEqual([await described(), await names(byName)], [0, []]);
    });

    it("has times in milliseconds, and none of the start before it", async () => {
      const jobId = await submit();
      const read = async () => (await wire.batch("DescribeJobs", { jobs: [jobId] })).jobs[0];
      const before = await read();
      assert.equal(before.createdAt, wire.model.clock.wallNow());
      assert.deepEqual(
        [before.startedAt, before.stoppedAt, before.container.logStreamName],
        [undefined, undefined, undefined],
      );
      await wire.model.passes(3);
      const running = await read();
      assert.equal(typeof running.startedAt, "number");
      assert.match(running.container.logStreamName, /^sandbox-shell\/default\/[0-9a-f]{32}$/);
      assert.match(
        running.container.taskArn,
        /^arn:aws:ecs:eu-central-1:123456789012:task\/AWSBatch-lightly-environment\/[0-9a-f]{32}$/,
      );
    });

    it("shows an array with its summary, and a child with its index", async () => {
      const jobId = await submit({ arrayProperties: { size: 2 } });
      const { jobs } = await wire.batch("DescribeJobs", { jobs: [jobId, `${jobId}:1`] });
      assert.equal(jobs[0].arrayProperties.size, 2);
      assert.deepEqual(jobs[0].arrayProperties.statusSummary, {
        ...{ SUBMITTED: 2, PENDING: 0, RUNNABLE: 0, STARTING: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0 },
      });
      assert.equal(jobs[1].arrayProperties.index, 1);
    });
  });

  describe("ListJobs", () => {
    it("returns RUNNING jobs unless a status is named", async () => {
      await submit({ jobName: "first" });
      await wire.model.passes(3);
      await submit({ jobName: "second" });
      assert.deepEqual(await names({}), ["first"]);
      assert.deepEqual(await names({ jobStatus: "SUBMITTED" }), ["second"]);
      await assert.rejects(list({ jobStatus: "DONE" }), clientException(/jobStatus/));
    });

    it("finds a name in any state and case, by a prefix too, the newest first and those of one name together", async () => {
      for (const jobName of ["Run-1", "run-2", "Run-1", "other"]) {
        await submit({ jobName });
        await wire.model.passes(1);
      }
      const byName = (value: string) => ({ filters: [{ name: "JOB_NAME", values: [value] }], jobStatus: "FAILED" });
      assert.deepEqual(await names(byName("RUN-1")), ["Run-1", "Run-1"]);
      assert.deepEqual(await names(byName("run-*")), ["Run-1", "Run-1", "run-2"]);
      assert.deepEqual(await names(byName("run")), []);
    });

    it("finds definitions, times and shares", async () => {
      await submit({ jobName: "old" });
      await wire.model.passes(1);
      const since = String(wire.model.clock.wallNow());
      await wire.model.passes(1);
      await submit({ jobName: "new", jobDefinition: "lightly-worker" });
      const by = (name: string, value: string) => names({ filters: [{ name, values: [value] }] });
      assert.deepEqual(await by("JOB_DEFINITION", "lightly-*"), ["new"]);
      assert.deepEqual(await by("JOB_DEFINITION", "Lightly-*"), []);
      assert.deepEqual(await by("AFTER_CREATED_AT", since), ["new"]);
      assert.deepEqual(await by("BEFORE_CREATED_AT", since), ["old"]);
      await assert.rejects(by("AFTER_CREATED_AT", "yesterday"), clientException(/milliseconds/));
      await assert.rejects(by("COLOR", "red"), clientException(/name must be one of/));
      const two = [1, 2].map(() => ({ name: "JOB_NAME", values: ["a"] }));
      await assert.rejects(names({ filters: two }), clientException(/one filter/));
    });

    it("lists children by their parent only, and applies no filter to them", async () => {
      const arrayJobId = await submit({ jobName: "array", arrayProperties: { size: 3 } });
      await wire.model.passes(3);
      assert.deepEqual(await names({ jobStatus: "PENDING" }), ["array"]);
      const filters = [{ name: "JOB_NAME", values: ["other"] }];
      const { jobSummaryList } = await wire.batch("ListJobs", { arrayJobId, filters });
      assert.deepEqual(
        jobSummaryList.map((job: { jobId: string; status: string }) => [job.jobId, job.status]),
        [0, 1, 2].map((index) => [`${arrayJobId}:${index}`, "RUNNING"]),
      );
    });

    it("returns pages, and at most 100 with a filter", async () => {
      for (let count = 0; count < 105; count += 1) {
        await submit({ jobName: `job-${count}` });
      }
      const first = await list({ jobStatus: "SUBMITTED", maxResults: 40 });
      const second = await list({ jobStatus: "SUBMITTED", maxResults: 40, nextToken: first.nextToken });
      const third = await list({ jobStatus: "SUBMITTED", maxResults: 40, nextToken: second.nextToken });
      assert.deepEqual(
        [first, second, third].map(({ jobSummaryList }) => jobSummaryList.length),
        [40, 40, 25],
      );
      assert.equal(third.nextToken, undefined);
      const filtered = await list({ filters: [{ name: "JOB_NAME", values: ["job*"] }] });
      assert.equal(filtered.jobSummaryList.length, 100);
      assert.ok(filtered.nextToken);
      await assert.rejects(list({ nextToken: "x" }), clientException(/nextToken/));
    });

    it("leaves most members of RUNNABLE jobs out, and the start of jobs that are found by name", async () => {
      wire.model.faults.batchBlocked = "UNDETERMINED - Batch job is blocked, root cause is undetermined.";
      await submit();
      await wire.model.passes(3);
      const [waiting] = (await list({ jobStatus: "RUNNABLE" })).jobSummaryList;
      assert.deepEqual(Object.keys(waiting).sort(), ["createdAt", "jobArn", "jobId", "jobName", "status"]);
      wire.model.faults.batchBlocked = false;
      await wire.model.passes(3);
      const [running] = (await list({})).jobSummaryList;
      assert.ok(running.startedAt && running.jobDefinition);
      const [found] = (await list({ filters: [{ name: "JOB_NAME", values: ["job"] }] })).jobSummaryList;
      assert.deepEqual([found.status, found.startedAt], ["RUNNING", undefined]);
    });

    it("requires exactly one of queue, array and multi-node job", async () => {
      await assert.rejects(wire.batch("ListJobs"), clientException(/Exactly one/));
      await assert.rejects(list({ arrayJobId: "x" }), clientException(/Exactly one/));
      await assert.rejects(list({ jobQueue: "other" }), clientException(/does not exist/));
    });
  });

  describe("ending jobs", () => {
    it("requires a reason, and answers with an empty body, also for unknown jobs", async () => {
      const jobId = await submit();
      for (const operation of ["TerminateJob", "CancelJob"]) {
        await assert.rejects(wire.batch(operation, { jobId }), clientException(/reason/));
        await assert.rejects(wire.batch(operation, { jobId, reason: "x".repeat(1025) }), clientException(/1024/));
        assert.equal(await wire.batch(operation, { jobId, reason: "enough" }), undefined);
        assert.equal(await wire.batch(operation, { jobId: "unknown", reason: "enough" }), undefined);
      }
      const [job] = (await wire.batch("DescribeJobs", { jobs: [jobId] })).jobs;
      assert.deepEqual([job.isTerminated, job.isCancelled], [true, true]);
    });

    it("ends up to 50 jobs by one request, and counts unknown ones as successful", async () => {
      const jobs = [await submit(), "unknown", await submit()];
      assert.deepEqual(await wire.batch("TerminateJobs", { jobs, reason: "enough" }), { successful: jobs, errors: [] });
      await wire.model.passes();
      assert.equal((await list({ jobStatus: "FAILED" })).jobSummaryList.length, 2);
      const tooMany = Array.from({ length: 51 }, () => "x");
      await assert.rejects(wire.batch("CancelJobs", { jobs: tooMany, reason: "enough" }), clientException(/50/));
    });
  });

  describe("queues, environments and definitions", () => {
    it("are described by name or ARN, in pages, and unknown ones are left out", async () => {
      const { jobQueues } = await wire.batch("DescribeJobQueues", { jobQueues: ["lightly-queue", "unknown"] });
      assert.equal(jobQueues.length, 1);
      assert.deepEqual(
        [jobQueues[0].state, jobQueues[0].status, jobQueues[0].jobQueueType],
        ["ENABLED", "VALID", "ECS"],
      );
      const { computeEnvironments } = await wire.batch("DescribeComputeEnvironments", {
        computeEnvironments: [jobQueues[0].computeEnvironmentOrder[0].computeEnvironment],
      });
      assert.deepEqual(
        ["minvCpus", "maxvCpus", "desiredvCpus"].map((name) => computeEnvironments[0].computeResources[name]),
        [0, 16, 0],
      );
      const first = await wire.batch("DescribeJobDefinitions", { status: "ACTIVE", maxResults: 2 });
      const second = await wire.batch("DescribeJobDefinitions", { status: "ACTIVE", nextToken: first.nextToken });
      assert.equal(first.jobDefinitions.length + second.jobDefinitions.length, 3);
      await assert.rejects(
        wire.batch("DescribeJobDefinitions", { jobDefinitions: ["a:1"], status: "ACTIVE" }),
        clientException(/can't be combined/),
      );
    });

    it("are created, changed and deleted, and their names are checked", async () => {
      const computeResources = { type: "EC2", maxvCpus: 4, instanceTypes: ["m5"], subnets: ["subnet-1"] };
      const environment = { computeEnvironmentName: "own", type: "MANAGED", computeResources };
      await wire.batch("CreateComputeEnvironment", environment);
      await assert.rejects(wire.batch("CreateComputeEnvironment", environment), clientException(/already exists/));
      const old = { ...computeResources, ec2Configuration: [{ imageType: "ECS_AL2_NVIDIA" }] };
      await assert.rejects(
        wire.batch("CreateComputeEnvironment", {
          ...environment,
          computeEnvironmentName: "old",
          computeResources: old,
        }),
        clientException(/Amazon Linux 2/),
      );
      await wire.batch("CreateJobQueue", {
        ...{ jobQueueName: "own", priority: 2, state: "ENABLED" },
        computeEnvironmentOrder: [{ order: 1, computeEnvironment: "own" }],
      });
      await assert.rejects(
        wire.batch("UpdateJobQueue", {
          jobQueue: "own",
          jobStateTimeLimitActions: [{ reason: "ANY", state: "RUNNABLE", action: "CANCEL", maxTimeSeconds: 600 }],
        }),
        clientException(/Invalid job reason/),
      );
      const jobId = await submit({ jobQueue: "own" });
      await wire.model.passes(3);
      assert.equal([...wire.model.machines.values()].at(-1)?.type, "m5.large");
      const job = wire.model.core.book.find(jobId);
      assert.ok(job);
      await wire.model.end(job);
      await assert.rejects(wire.batch("DeleteJobQueue", { jobQueue: "own" }), clientException(/DISABLED/));
      await wire.batch("UpdateJobQueue", { jobQueue: "own", state: "DISABLED" });
      await wire.batch("DeleteJobQueue", { jobQueue: "own" });
      await wire.batch("UpdateComputeEnvironment", { computeEnvironment: "own", state: "DISABLED" });
      assert.equal([...wire.model.machines.values()].at(-1)?.state, "ready");
      await wire.batch("DeleteComputeEnvironment", { computeEnvironment: "own" });
      assert.equal([...wire.model.machines.values()].at(-1)?.state, "gone");
      assert.deepEqual(await wire.batch("DescribeComputeEnvironments", { computeEnvironments: ["own"] }), {
        computeEnvironments: [],
      });
      await assert.rejects(
        wire.batch("RegisterJobDefinition", { jobDefinitionName: "a b", type: "container", containerProperties: {} }),
        clientException(/Job definition name/),
      );
    });

    it("a definition has revisions, of which a name means the newest active one", async () => {
      const register = (image: string) =>
        wire.batch("RegisterJobDefinition", {
          ...{ jobDefinitionName: "own", type: "container" },
          containerProperties: { image, vcpus: 1, memory: 64 },
        });
      assert.equal((await register("busybox:1")).revision, 1);
      assert.equal((await register("busybox:2")).revision, 2);
      const image = async (jobDefinition: string) => {
        const [job] = (await wire.batch("DescribeJobs", { jobs: [await submit({ jobDefinition })] })).jobs;
        return job.container.image;
      };
      assert.deepEqual([await image("own"), await image("own:1")], ["busybox:2", "busybox:1"]);
      await wire.batch("DeregisterJobDefinition", { jobDefinition: "own:2" });
      assert.equal(await image("own"), "busybox:1");
      await assert.rejects(image("own:2"), clientException(/not active/));
    });

    it("a snapshot has the jobs that wait for capacity, in their order", async () => {
      wire.model.faults.batchBlocked = "CAPACITY:";
      const ids = [await submit(), await submit()];
      await wire.model.passes(2);
      const { frontOfQueue } = await wire.batch("GetJobQueueSnapshot", { jobQueue: "lightly-queue" });
      assert.deepEqual(
        frontOfQueue.jobs.map(({ jobArn }: { jobArn: string }) => jobArn.split("/")[1]),
        ids,
      );
    });
  });

  it("tags jobs and resources, but no children of an array", async () => {
    const jobId = await submit({ tags: { run: "1" }, arrayProperties: { size: 2 } });
    const path = (id: string) => `/v1/tags/${encodeURIComponent(`arn:aws:batch:eu-central-1:123456789012:job/${id}`)}`;
    await wire.rest("POST", path(jobId), { tags: { step: "2" } });
    assert.deepEqual(await wire.rest("GET", path(jobId)), { tags: { run: "1", step: "2" } });
    await wire.rest("DELETE", `${path(jobId)}?tagKeys=run`);
    const [job] = (await wire.batch("DescribeJobs", { jobs: [jobId] })).jobs;
    assert.deepEqual(job.tags, { step: "2" });
    await assert.rejects(
      wire.rest("POST", path(`${jobId}:0`), { tags: { a: "b" } }),
      clientException(/can't have tags/),
    );
  });

  it("throttles with 429, and names its own failures ServerException", async () => {
    wire.aws.faults.add({ service: "batch", operation: "ListJobs", kind: "throttle", times: 1 });
    await assert.rejects(list({}), { name: "TooManyRequestsException", status: 429 });
    wire.aws.faults.add({ service: "batch", operation: "DescribeJobs", kind: "status", status: 500, times: 1 });
    await assert.rejects(wire.batch("DescribeJobs", { jobs: [] }), { name: "ServerException", status: 500 });
    await assert.rejects(wire.batch("Unknown"), { name: "UnknownOperationException", status: 404 });
  });

  it("has submitted a job whose answer is lost", async () => {
    wire.aws.faults.add({ service: "batch", operation: "SubmitJob", kind: "lost", times: 1 });
    await assert.rejects(submit({ jobName: "lost" }), { code: "ECONNRESET" });
    assert.deepEqual(await names({ filters: [{ name: "JOB_NAME", values: ["lost"] }] }), ["lost"]);
  });
});
