import assert from "node:assert/strict";
import {
  DescribeInstanceAttributeCommand,
  DescribeVpcsCommand,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  waitUntilInstanceStopped,
} from "@aws-sdk/client-ec2";
import { eventually, named, type Running, startRunning } from "../instances/running-sandbox.ts";

describe("Refusals of EC2", () => {
  let cloud: Running;
  before(async () => {
    cloud = await startRunning();
  });
  afterEach(() => cloud.sandbox.faults.clear());
  after(() => cloud.close());

  const start = () => cloud.ec2.send(new StartInstancesCommand({ InstanceIds: [cloud.id] }));
  const stop = (more: object = {}) => cloud.ec2.send(new StopInstancesCommand({ InstanceIds: [cloud.id], ...more }));

  it("has no capacity for a number of requests, and then starts", async () => {
    cloud.sandbox.faults.capacityMissing = 2;
    for (let time = 0; time < 2; time += 1) {
      await assert.rejects(start(), (error: Error) => {
        const { $metadata } = error as Error & { $metadata: { httpStatusCode: number } };
        return named("InsufficientInstanceCapacity", /g4dn\.xlarge/)(error) && $metadata.httpStatusCode === 500;
      });
      assert.equal((await cloud.instance()).State?.Name, "stopped");
    }
    await cloud.boot();
    await cloud.halt();
  });

  it("makes a start fall back to stopped with its reason", async () => {
    cloud.sandbox.faults.startFailures = 1;
    const { StartingInstances } = await start();
    assert.equal(StartingInstances?.[0]?.CurrentState?.Name, "pending");
    await eventually("the fall back", async () => (await cloud.instance()).State?.Name === "stopped");
    assert.equal((await cloud.instance()).StateReason?.Code, "Client.InternalError");
  });

  it("makes a start fall back to stopped for lack of capacity", async () => {
    cloud.sandbox.faults.capacityLost = 1;
    await start();
    await eventually("the fall back", async () => (await cloud.instance()).State?.Name === "stopped");
    assert.equal((await cloud.instance()).StateReason?.Code, "Server.InsufficientInstanceCapacity");
  });

  it("terminates an instance whose first launch fails", async () => {
    cloud.sandbox.faults.startFailures = 1;
    const { Instances } = await cloud.ec2.send(
      new RunInstancesCommand({ ImageId: "ami-0123456789abcdef0", MinCount: 1, MaxCount: 1 }),
    );
    const ids = [Instances?.[0]?.InstanceId ?? ""];
    await eventually("the termination", async () => {
      const { TerminatingInstances } = await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));
      return TerminatingInstances?.[0]?.PreviousState?.Name === "terminated";
    });
  });

  it("throttles and denies by injected fault, in EC2's format", async () => {
    cloud.sandbox.faults.add({ service: "ec2", operation: "StartInstances", kind: "throttle", times: 1 });
    await assert.rejects(start(), named("RequestLimitExceeded"));
    cloud.sandbox.faults.add({ service: "ec2", kind: "status", status: 403, code: "UnauthorizedOperation", times: 1 });
    await assert.rejects(start(), named("UnauthorizedOperation"));
  });

  it("hibernates only instances that were launched with hibernation", async () => {
    await cloud.boot();
    await assert.rejects(stop({ Hibernate: true }), named("UnsupportedHibernationConfiguration"));
    assert.equal((await cloud.instance()).State?.Name, "running");
    await cloud.halt();
    const { Instances } = await cloud.ec2.send(
      new RunInstancesCommand({
        ImageId: "ami-0123456789abcdef0",
        MinCount: 1,
        MaxCount: 1,
        HibernationOptions: { Configured: true },
      }),
    );
    const InstanceIds = [Instances?.[0]?.InstanceId ?? ""];
    await eventually("it to run and hibernate", () =>
      cloud.ec2.send(new StopInstancesCommand({ InstanceIds, Hibernate: true })).catch(() => undefined),
    );
    const { reason } = await waitUntilInstanceStopped(
      { client: cloud.ec2, maxWaitTime: 5, minDelay: 1 },
      { InstanceIds },
    );
    assert.equal(reason.Reservations[0].Instances[0].StateReason.Code, "Client.UserInitiatedHibernate");
  });

  it("does not stop a protected instance", async () => {
    const protect = (Value: boolean) =>
      cloud.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: cloud.id, DisableApiStop: { Value } }));
    await protect(true);
    const { DisableApiStop } = await cloud.ec2.send(
      new DescribeInstanceAttributeCommand({ InstanceId: cloud.id, Attribute: "disableApiStop" }),
    );
    assert.equal(DisableApiStop?.Value, true);
    await cloud.boot();
    await assert.rejects(stop(), named("OperationNotPermitted", /disableApiStop/));
    await protect(false);
    await cloud.halt();
  });

  it("stores attributes, and refuses invalid values", async () => {
    const modify = (more: object) =>
      cloud.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: cloud.id, ...more }));
    await modify({ InstanceType: { Value: "g5.xlarge" } });
    assert.equal((await cloud.instance()).InstanceType, "g5.xlarge");
    await modify({ InstanceInitiatedShutdownBehavior: { Value: "terminate" } });
    const { InstanceInitiatedShutdownBehavior } = await cloud.ec2.send(
      new DescribeInstanceAttributeCommand({ InstanceId: cloud.id, Attribute: "instanceInitiatedShutdownBehavior" }),
    );
    assert.equal(InstanceInitiatedShutdownBehavior?.Value, "terminate");
    await modify({ Attribute: "instanceInitiatedShutdownBehavior", Value: "stop" });
    await assert.rejects(
      modify({ InstanceInitiatedShutdownBehavior: { Value: "explode" } }),
      named("InvalidParameterValue"),
    );
    await assert.rejects(modify({}), named("InvalidParameterCombination"));
    await cloud.boot();
    await assert.rejects(modify({ InstanceType: { Value: "g5.xlarge" } }), named("IncorrectInstanceState"));
    await cloud.halt();
  });

  it("refuses unknown actions and callers", async () => {
    await assert.rejects(cloud.ec2.send(new DescribeVpcsCommand({})), named("InvalidAction"));
    await assert.rejects(
      cloud.ec2.send(new StartInstancesCommand({ InstanceIds: [] })),
      named("MissingParameter", /InstanceId/),
    );
  });
});
