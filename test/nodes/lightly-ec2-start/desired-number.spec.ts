import { deepEqual, equal, match } from "node:assert/strict";
import {
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { StepRecord } from "../../../src/records/run-record.ts";
import { runs } from "../../../src/runs/run-registry.ts";
import type { StartedInstances } from "../../../src/services/ec2/start-instances.ts";
import { worker } from "../../runs/fake-flow.ts";
import { helper, loadFlow, result, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";
import { until } from "../support/until.ts";

const start = {
  id: "step",
  type: "lightly-ec2-start",
  account: "aws",
  select: "tags",
  tags: [{ key: "Pool", value: "gpu" }],
  desired: "2",
  desiredType: "num",
  waitFor: "online",
  pollSeconds: "0.02",
};
const stop = {
  id: "stopping",
  type: "lightly-ec2-stop",
  z: "tab",
  account: "aws",
  select: "run",
  pollSeconds: "0.1",
  wires: [[]],
};

describe("lightly-ec2-start with a desired number of instances", () => {
  useNodeRed();
  const local = useSandbox();
  let pool: string[];
  let ec2: EC2Client;

  before(async () => {
    const { endpoints, credentials, region } = local.sandbox;
    ec2 = new EC2Client({ endpoint: endpoints.aws, region, credentials });
  });
  beforeEach(async () => {
    const tags = [{ ResourceType: "instance", Tags: [{ Key: "Pool", Value: "gpu" }] }] as const;
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({
        ...{ ImageId: "ami-0123456789abcdef0", MinCount: 3, MaxCount: 3 },
        TagSpecifications: tags.map((one) => ({ ...one, Tags: [...one.Tags] })),
      }),
    );
    pool = Instances.flatMap(({ InstanceId = "" }) => InstanceId).sort();
    await until(async () => (await running()).length === 3);
    await ec2.send(new StopInstancesCommand({ InstanceIds: pool }));
    await until(async () => Object.values(await states()).every((state) => state === "stopped"));
  });
  afterEach(async () => {
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: pool }));
    await until(async () => Object.values(await states()).every((state) => state === "terminated"));
  });

  const states = async (): Promise<Record<string, string>> => {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: pool }));
    const all = Reservations.flatMap(({ Instances = [] }) => Instances);
    return Object.fromEntries(all.map(({ InstanceId = "", State }) => [InstanceId, State?.Name ?? ""]));
  };
  const running = async (): Promise<string[]> =>
    Object.entries(await states())
      .filter(([, state]) => state === "running")
      .map(([id]) => id)
      .sort();
  const recordOf = (runId: string): StepRecord | undefined =>
    runs.get(runId)?.steps.find(({ role }) => role === "start");
  const load = (more: object = {}) =>
    loadFlow({
      step: { ...start, ...more },
      ...local.accounts,
      others: [...local.accounts.others, stop],
    });
  const end = async (runId: string): Promise<void> => {
    helper.getNode("stopping").receive({ runId } as never);
    await until(
      () => runs.get(runId)?.steps.some(({ role, state }) => role === "stop" && state === "completed") ?? false,
    );
  };

  it("starts as many as are wanted, and the stop of the run stops exactly these", async () => {
    const flow = await load();
    flow.receive({ runId: "two of three" });
    await flow.until(() => flow.completed.length > 0);
    deepEqual(result(flow, "payload"), pool.slice(0, 2));
    deepEqual(await running(), pool.slice(0, 2));
    await end("two of three");
    deepEqual(await running(), []);
  });

  it("uses a running one first, and says that it has not started it", async () => {
    const [, , third = ""] = pool;
    await ec2.send(new StartInstancesCommand({ InstanceIds: [third] }));
    await until(async () => (await running()).length === 1);
    const flow = await load();
    flow.receive({ runId: "one is running" });
    await flow.until(() => flow.completed.length > 0);
    deepEqual(
      result<StartedInstances>(flow, "ec2").instances.map(({ instanceId, wasRunning }) => [instanceId, wasRunning]),
      [
        [third, true],
        [pool[0], false],
      ],
    );
    await end("one is running");
  });

  it("gives two runs different instances, and a third one those that become free", async () => {
    const flow = await load({ desired: "1" });
    for (const runId of ["a", "b", "c", "d"]) {
      // Without an open step, the run would be over.
      runs.begin(`pool-${runId}`, { ...worker, nodeId: `worker ${runId}` });
      flow.receive({ runId: `pool-${runId}` });
    }
    await flow.until(() => flow.completed.length === 3);
    deepEqual(flow.sent[0]?.map(({ payload }) => (payload as string[])[0]).sort(), pool);
    equal(recordOf("pool-d")?.progress?.state, "queued");
    await end("pool-b");
    await flow.until(() => flow.completed.length === 4);
    deepEqual(recordOf("pool-d")?.checkpoint?.instanceIds, recordOf("pool-b")?.checkpoint?.instanceIds);
    for (const runId of ["pool-a", "pool-c", "pool-d"]) {
      await end(runId);
    }
    for (const step of runs.all.steps) {
      step.complete({});
    }
    deepEqual(await running(), []);
  });

  describe("while a run waits for one of a pool in use", () => {
    let test = 0;
    const idOf = (name: string): string => `${name} of ${test}`;
    beforeEach(async () => {
      test += 1;
      const flow = await load({ desired: "1" });
      for (const name of ["a", "b", "c", "d"]) {
        runs.begin(idOf(name), { ...worker, nodeId: `worker ${name}` });
        flow.receive({ runId: idOf(name) });
      }
      await flow.until(() => flow.completed.length === 3);
      await until(() => recordOf(idOf("d"))?.progress?.state === "queued");
    });
    afterEach(async () => {
      for (const name of ["a", "b", "c", "d"]) {
        await end(idOf(name));
      }
      for (const step of runs.all.steps) {
        step.complete({});
      }
      deepEqual(await running(), []);
    });
    const launch = async (): Promise<string> => {
      const TagSpecifications = [{ ResourceType: "instance" as const, Tags: [{ Key: "Pool", Value: "gpu" }] }];
      const { Instances = [] } = await ec2.send(
        new RunInstancesCommand({ ImageId: "ami-0123456789abcdef0", MinCount: 1, MaxCount: 1, TagSpecifications }),
      );
      const id = Instances[0]?.InstanceId ?? "";
      pool.push(id);
      return id;
    };
    const startedBy = (name: string): unknown => recordOf(idOf(name))?.checkpoint?.instanceIds;

    it("takes an instance that was launched meanwhile", async () => {
      const launched = await launch();
      await until(() => recordOf(idOf("d"))?.state === "completed");
      deepEqual(startedBy("d"), [launched]);
    });

    it("does not take one that was terminated, but another one", async () => {
      const [terminated = ""] = startedBy("b") as string[];
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [terminated] }));
      const launched = await launch();
      await end(idOf("b"));
      await until(() => recordOf(idOf("d"))?.state === "completed");
      deepEqual(startedBy("d"), [launched]);
      deepEqual(recordOf(idOf("d"))?.checkpoint?.unstartable, undefined);
    });
  });

  it("starts another one if EC2 has no capacity for one of them", async () => {
    const flow = await load();
    // The SDK repeats a request twice.
    local.sandbox.faults.capacityMissing = 3;
    flow.receive({ runId: "no capacity" });
    await flow.until(() => flow.completed.length > 0);
    deepEqual((result(flow, "payload") as string[]).toSorted(), pool.slice(1));
    deepEqual(await running(), pool.slice(1));
    match(
      recordOf("no capacity")
        ?.log?.map(({ text }) => text)
        .join() ?? "",
      /capacity.*is started instead of/,
    );
    await end("no capacity");
    deepEqual(await running(), []);
  });

  it("reports the lack of capacity if no other one is left, and stops what it has started", async () => {
    const flow = await load({ capacityTimeoutMinutes: "0" });
    local.sandbox.faults.add({
      service: "ec2",
      operation: "StartInstances",
      kind: "status",
      status: 500,
      code: "InsufficientInstanceCapacity",
      after: 1,
    });
    flow.receive({ runId: "exhausted" });
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "EC2_NO_CAPACITY");
    await until(async () => (await running()).length === 0);
  });

  it("continues when EC2 limits the requests for a while", async () => {
    const flow = await load({ retries: "2", retrySeconds: "0.1" });
    for (const operation of ["DescribeInstances", "StartInstances"]) {
      // More often than the SDK repeats a request.
      local.sandbox.faults.add({ service: "ec2", operation, kind: "throttle", times: 4, after: 1 });
    }
    flow.receive({ runId: "throttled pool" });
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    deepEqual(result(flow, "payload"), pool.slice(0, 2));
    await end("throttled pool");
    deepEqual(await running(), []);
  });

  it("says how many there are if more are wanted, and which tags match nothing", async () => {
    const flow = await load({ desired: "4" });
    flow.receive({ runId: "too many" });
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "EC2_INSTANCE_NOT_FOUND");
    match(flow.caught[0]?.error.message ?? "", /4 instances are wanted, but only 3 with these tags/);
    await helper.unload();
    const other = await load({ tags: [{ key: "Pool", value: "none" }] });
    other.receive({ runId: "no match" });
    await other.until(() => other.caught.length > 0);
    match(other.caught[0]?.error.message ?? "", /No instance has the tags Pool=none/);
    deepEqual(await running(), []);
  });

  it("replaces an instance that was terminated while it was starting", async () => {
    const flow = await load();
    local.sandbox.faults.neverOnline = true;
    flow.receive({ runId: "terminated" });
    await until(async () => (await running()).length === 2);
    const [first = ""] = pool;
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [first] }));
    await until(() => recordOf("terminated")?.checkpoint?.unstartable !== undefined);
    local.sandbox.faults.neverOnline = false;
    // The agents of those that run already stay offline, as after a start without network.
    await until(async () => (await running()).length === 2);
    deepEqual(await running(), pool.slice(1));
    await end("terminated");
    await until(async () => (await running()).length === 0);
    equal(flow.sent[0]?.length, 0);
  });

  it("stops nothing if the run has started nothing, and does not start anything after that", async () => {
    const flow = await load();
    const working = runs.begin("early stop", worker);
    await end("early stop");
    flow.receive({ runId: "early stop" });
    await until(() => recordOf("early stop")?.state === "skipped");
    deepEqual([await running(), flow.caught.length], [[], 0]);
    working.complete({});
  });

  it("replaces an instance that EC2 does not know any more after a long time without Node-RED", async () => {
    await load();
    local.sandbox.faults.neverOnline = true;
    helper.getNode("step").receive({ runId: "forgotten" } as never);
    await until(async () => (await running()).length === 2);
    await helper.unload();
    const [first = ""] = pool;
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [first] }));
    const [operation, code] = ["DescribeInstances", "InvalidInstanceID.NotFound"];
    local.sandbox.faults.add({ service: "ec2", operation, kind: "status", status: 400, code, times: 1 });
    await load();
    await until(() => recordOf("forgotten")?.checkpoint?.unstartable !== undefined);
    local.sandbox.faults.neverOnline = false;
    await until(async () => (await running()).length === 2);
    deepEqual(await running(), pool.slice(1));
    await end("forgotten");
    await until(async () => (await running()).length === 0);
  });

  it("keeps its instances over a deploy", async () => {
    const flow = await load();
    local.sandbox.faults.neverOnline = true;
    flow.receive({ runId: "deployed pool" });
    await until(async () => (await running()).length === 2);
    equal(flow.sent[0]?.length, 0);
    await helper.unload();
    // It would be preferred now.
    await ec2.send(new StartInstancesCommand({ InstanceIds: pool.slice(2) }));
    await until(async () => (await running()).length === 3);
    const again = await load();
    await until(() => recordOf("deployed pool")?.resumeCount === 1);
    await ec2.send(new StopInstancesCommand({ InstanceIds: pool.slice(2) }));
    await until(async () => (await running()).length === 2);
    deepEqual(recordOf("deployed pool")?.checkpoint?.instanceIds, pool.slice(0, 2));
    equal(again.caught.length, 0);
    await end("deployed pool");
    deepEqual(await running(), []);
    local.sandbox.faults.neverOnline = false;
  });
});
