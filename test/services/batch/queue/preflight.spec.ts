import assert from "node:assert/strict";
import { capacityLeft } from "../../../../src/services/batch/queue/capacity-left.ts";
import { checkDefinition } from "../../../../src/services/batch/queue/check-definition.ts";
import { checkQueue } from "../../../../src/services/batch/queue/check-queue.ts";
import { jsonAnswer, jsonFault, serveBatch } from "../../aws/wire.ts";

const signal = new AbortController().signal;

describe("The check before a job is submitted", () => {
  let wire: Awaited<ReturnType<typeof serveBatch>>;
  let queues: object[];
  let environments: object[];
  let definitions: object[];

  beforeEach(async () => {
    wire = await serveBatch();
    queues = [
      {
        jobQueueName: "queue",
        state: "ENABLED",
        status: "VALID",
        computeEnvironmentOrder: [
          { order: 2, computeEnvironment: "arn:b" },
          { order: 1, computeEnvironment: "arn:a" },
        ],
      },
    ];
    environments = [environment("a"), environment("b")];
    definitions = [{ jobDefinitionName: "worker", revision: 1, status: "ACTIVE", type: "container" }];
    wire.answer = ({ operation }) =>
      jsonAnswer({ jobQueues: queues, computeEnvironments: environments, jobDefinitions: definitions, operation });
  });
  afterEach(() => wire.close());

  const environment = (name: string, more: object = {}, resources: object = {}): object => ({
    computeEnvironmentName: name,
    state: "ENABLED",
    status: "VALID",
    computeResources: { minvCpus: 0, desiredvCpus: 4, maxvCpus: 16, ...resources },
    ...more,
  });
  const check = (shareIdentifier?: string) =>
    checkQueue({ batch: wire.newClient(), queue: "queue", shareIdentifier, signal });
  const define = (container: object, more: object = {}) => {
    definitions = [{ revision: 1, status: "ACTIVE", type: "container", containerProperties: container, ...more }];
    return checkDefinition({ batch: wire.newClient(), definition: "worker", signal });
  };

  it("accepts an enabled queue, and asks for its environments in their order", async () => {
    assert.deepEqual(await check(), []);
    assert.deepEqual(wire.requests.at(-1)?.input, { computeEnvironments: ["arn:a", "arn:b"] });
  });

  it("refuses a queue that does not exist, is disabled or invalid", async () => {
    queues = [{ jobQueueName: "queue", state: "DISABLED", status: "VALID" }];
    await assert.rejects(check(), { code: "BATCH_QUEUE_UNUSABLE", message: /disabled/ });
    queues = [{ jobQueueName: "queue", state: "ENABLED", status: "INVALID", statusReason: "no role" }];
    await assert.rejects(check(), { code: "BATCH_QUEUE_UNUSABLE", message: /invalid.*no role/ });
    queues = [];
    await assert.rejects(check(), { code: "BATCH_QUEUE_UNUSABLE", message: /does not exist/ });
  });

  it("refuses a queue without a usable environment, and mentions a single one that can't be used", async () => {
    environments = [environment("a", { status: "INVALID", statusReason: "CLIENT_ERROR - x" }), environment("b")];
    assert.match((await check()).join(), /a: CLIENT_ERROR - x/);
    environments = [environment("a", { state: "DISABLED" })];
    await assert.rejects(check(), { code: "BATCH_QUEUE_UNUSABLE", message: /a: disabled/ });
  });

  it("mentions environments that never scale to zero", async () => {
    environments = [environment("a", {}, { minvCpus: 4 })];
    assert.match((await check()).join(), /keeps 4 vCPUs on/);
  });

  it("requires a share identifier exactly if the queue has a scheduling policy", async () => {
    await assert.rejects(check("team"), { code: "BATCH_REQUEST_INVALID", message: /Remove it/ });
    queues = [{ ...queues[0], schedulingPolicyArn: "arn:policy" }];
    await assert.rejects(check(), { code: "BATCH_REQUEST_INVALID", message: /Enter one/ });
    assert.deepEqual(await check("team"), []);
  });

  it("reads the newest revision of a name, and exactly the one that is named", async () => {
    await define({});
    assert.deepEqual(wire.requests.at(-1)?.input, { jobDefinitionName: "worker", status: "ACTIVE" });
    await checkDefinition({ batch: wire.newClient(), definition: "worker:3", signal });
    assert.deepEqual(wire.requests.at(-1)?.input, { jobDefinitions: ["worker:3"] });
  });

  it("refuses a definition that does not exist, is inactive, or is not for containers", async () => {
    await assert.rejects(define({}, { status: "INACTIVE" }), { code: "BATCH_DEFINITION_UNUSABLE" });
    await assert.rejects(define({}, { type: "multinode" }), {
      code: "BATCH_DEFINITION_UNUSABLE",
      message: /multinode/,
    });
    definitions = [];
    await assert.rejects(checkDefinition({ batch: wire.newClient(), definition: "worker", signal }), {
      code: "BATCH_DEFINITION_UNUSABLE",
      message: /no active revision/,
    });
  });

  it("mentions GPUs without shared memory, which a job can't change", async () => {
    const gpu = { resourceRequirements: [{ type: "GPU", value: "1" }] };
    assert.match((await define(gpu)).join(), /64 MiB/);
    assert.deepEqual(await define({ ...gpu, linuxParameters: { sharedMemorySize: 1024 } }), []);
    assert.deepEqual(await define({}), []);
  });

  it("reports a missing permission with its action", async () => {
    wire.answer = () => jsonFault("AccessDeniedException", "no", 403);
    await assert.rejects(check(), { code: "BATCH_ACCESS_DENIED" });
  });

  it("asks once for many steps that start together, and again after a failure", async () => {
    const batch = wire.newClient();
    const checks = () => Promise.all(Array.from({ length: 50 }, () => checkQueue({ batch, queue: "queue", signal })));
    queues = [];
    await assert.rejects(checks(), { code: "BATCH_QUEUE_UNUSABLE" });
    queues = [{ jobQueueName: "queue", state: "ENABLED", status: "VALID" }];
    await checks();
    assert.equal(wire.count("describejobqueues"), 2);
  });

  it("says whether the environments are at zero", async () => {
    assert.deepEqual(await capacityLeft(wire.newClient(), "queue", signal), {
      desiredVcpus: 8,
      minVcpus: 0,
      isAtZero: false,
    });
    environments = [environment("a", {}, { desiredvCpus: 0 })];
    assert.equal((await capacityLeft(wire.newClient(), "queue", signal)).isAtZero, true);
  });
});
