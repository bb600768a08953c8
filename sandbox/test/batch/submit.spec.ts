import assert from "node:assert/strict";
import { clientException } from "./ask.ts";
import { type BatchWire, startBatchWire } from "./batch-wire.ts";

describe("SubmitJob", () => {
  let wire: BatchWire;
  before(async () => {
    wire = await startBatchWire();
  });
  after(() => wire.close());

  const submit = (more: object = {}) =>
    wire.batch("SubmitJob", { jobName: "job", jobQueue: "lightly-queue", jobDefinition: "sandbox-shell", ...more });
  const described = async (jobId: string) => (await wire.batch("DescribeJobs", { jobs: [jobId] })).jobs[0];
  const container = (containerOverrides: object) => ({ containerOverrides });
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag-${index}`, ""]));

  it("returns name, ARN and a UUID, also for a queue and definition named by ARN", async () => {
    const { jobQueues } = await wire.batch("DescribeJobQueues", { jobQueues: ["lightly-queue"] });
    const { jobDefinitions } = await wire.batch("DescribeJobDefinitions", { jobDefinitionName: "sandbox-shell" });
    const answer = await submit({
      jobQueue: jobQueues[0].jobQueueArn,
      jobDefinition: jobDefinitions[0].jobDefinitionArn.replace(/:1$/, ""),
    });
    assert.match(answer.jobId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(answer.jobArn, `arn:aws:batch:eu-central-1:123456789012:job/${answer.jobId}`);
    assert.equal(answer.jobName, "job");
  });

  it("merges definition and request: command, environment, requirements, parameters, retries", async () => {
    await wire.batch("RegisterJobDefinition", {
      jobDefinitionName: "merged",
      type: "container",
      parameters: { from: "a", to: "b" },
      retryStrategy: { attempts: 2 },
      timeout: { attemptDurationSeconds: 60 },
      containerProperties: {
        image: "busybox",
        command: ["copy", "Ref::from", "Ref::to", "Ref::missing"],
        environment: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
        vcpus: 2,
        memory: 1024,
        linuxParameters: { sharedMemorySize: 64 },
      },
    });
    const { jobId } = await submit({
      jobDefinition: "merged",
      parameters: { to: "c" },
      retryStrategy: { attempts: 4 },
      ...container({
        environment: [{ name: "B", value: "3" }],
        resourceRequirements: [{ type: "MEMORY", value: "2048" }],
        vcpus: 4,
      }),
    });
    const job = await described(jobId);
    assert.deepEqual(job.container.command, ["copy", "a", "c", "Ref::missing"]);
    assert.deepEqual(job.container.environment, [
      { name: "A", value: "1" },
      { name: "B", value: "3" },
    ]);
    assert.deepEqual(job.container.resourceRequirements, [
      { type: "VCPU", value: "4" },
      { type: "MEMORY", value: "2048" },
    ]);
    assert.equal(job.container.linuxParameters.sharedMemorySize, 64);
    assert.deepEqual([job.retryStrategy.attempts, job.timeout.attemptDurationSeconds], [4, 60]);
    const { jobId: own } = await submit(container({ vcpus: 4 }));
    assert.equal((await described(own)).container.resourceRequirements[0].value, "1", "the definition has a list");
  });

  for (const [what, request, pattern] of [
    ["an invalid name", { jobName: "bad name!" }, /Job name/],
    ["a name of 129 characters", { jobName: "x".repeat(129) }, /Job name/],
    ["an unknown queue", { jobQueue: "other" }, /Job Queue other does not exist/],
    ["an unknown definition", { jobDefinition: "other" }, /JobDefinition other not found/],
    ["an array of one", { arrayProperties: { size: 1 } }, /size must be .* 2 to 10000/],
    ["an array of 10,001", { arrayProperties: { size: 10_001 } }, /size must be/],
    ["11 attempts", { retryStrategy: { attempts: 11 } }, /attempts must be .* 1 to 10/],
    [
      "rules without attempts",
      { retryStrategy: { evaluateOnExit: [{ onReason: "*", action: "EXIT" }] } },
      /requires attempts/,
    ],
    [
      "an asterisk inside of a rule",
      { retryStrategy: { attempts: 1, evaluateOnExit: [{ onReason: "a*b", action: "EXIT" }] } },
      /asterisk/,
    ],
    [
      "an exit code with letters",
      { retryStrategy: { attempts: 1, evaluateOnExit: [{ onExitCode: "x", action: "EXIT" }] } },
      /onExitCode/,
    ],
    ["a time limit below a minute", { timeout: { attemptDurationSeconds: 59 } }, /attemptDurationSeconds/],
    ["a variable of Batch", container({ environment: [{ name: "AWS_BATCH_X", value: "" }] }), /AWS_BATCH/],
    ["an empty word", container({ command: ["echo", ""] }), /empty/],
    ["51 tags", { tags: many(51) }, /at most 50 tags/],
    ["a share without a policy", { shareIdentifier: "a" }, /must not be given/],
    ["21 dependencies", { dependsOn: Array.from({ length: 21 }, () => ({ jobId: "x" })) }, /at most 20/],
    ["an unknown dependency", { dependsOn: [{ jobId: "x" }] }, /does not exist/],
    ["SEQUENTIAL without an array", { dependsOn: [{ type: "SEQUENTIAL" }] }, /requires an array/],
    ["an unsupported member", { nodeOverrides: {} }, /does not support nodeOverrides/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(submit(request), clientException(pattern));
    });
  }

  it("refuses more than 30 KiB, with the size and the id of the request", async () => {
    const request = container({ environment: [{ name: "A", value: "x".repeat(46 * 1024) }] });
    await assert.rejects(
      submit(request),
      clientException(
        /^Error executing request, Exception : Job size must be less than 30 KiB, got 47 KiB, RequestId: \w+$/,
      ),
    );
  });

  it("accepts overrides of more than 8,192 characters, and the job fails later", async () => {
    const { jobId } = await submit(container({ command: ["echo", "x".repeat(8200)] }));
    assert.equal((await described(jobId)).status, "SUBMITTED");
    await wire.model.passes();
    const job = await described(jobId);
    assert.deepEqual([job.status, job.statusReason], ["FAILED", "Container Overrides length must be at most 8192"]);
  });

  it("accepts propagated tags that are too many together, and the job fails later", async () => {
    await wire.batch("RegisterJobDefinition", {
      ...{ jobDefinitionName: "tagged", type: "container", tags: { own: "1" } },
      containerProperties: { image: "busybox", vcpus: 1, memory: 64 },
    });
    const { jobId } = await submit({ jobDefinition: "tagged", tags: many(50), propagateTags: true });
    await wire.model.passes();
    assert.equal((await described(jobId)).status, "FAILED");
  });

  it("is refused by a disabled queue, while its jobs go on", async () => {
    const { jobId } = await submit();
    await wire.batch("UpdateJobQueue", { jobQueue: "lightly-queue", state: "DISABLED" });
    await assert.rejects(submit(), clientException(/DISABLED/));
    await wire.model.passes(3);
    assert.equal((await described(jobId)).status, "RUNNING");
    await wire.batch("UpdateJobQueue", { jobQueue: "lightly-queue", state: "ENABLED" });
  });

  it("requires a share for a queue with a scheduling policy", async () => {
    await wire.batch("CreateJobQueue", {
      jobQueueName: "fair",
      priority: 1,
      schedulingPolicyArn: "arn:aws:batch:eu-central-1:123456789012:scheduling-policy/fair",
      computeEnvironmentOrder: [{ order: 1, computeEnvironment: "lightly-environment" }],
    });
    await assert.rejects(submit({ jobQueue: "fair" }), clientException(/shareIdentifier must be given/));
    const { jobId } = await submit({ jobQueue: "fair", shareIdentifier: "team", schedulingPriorityOverride: 7 });
    const { shareIdentifier, schedulingPriority } = await described(jobId);
    assert.deepEqual([shareIdentifier, schedulingPriority], ["team", 7]);
  });
});
