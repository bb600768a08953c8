import assert from "node:assert/strict";
import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeTagsCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  waitUntilInstanceRunning,
  waitUntilInstanceStopped,
} from "@aws-sdk/client-ec2";
import { eventually, named, type Running, startRunning } from "../instances/running-sandbox.ts";

describe("The lifecycle of an instance", () => {
  let cloud: Running;
  before(async () => {
    // Long enough to observe the states in between on a busy computer.
    cloud = await startRunning({ delays: { startMs: 500, stopMs: 500 } });
  });
  after(() => cloud.close());

  const state = async () => (await cloud.instance()).State?.Name;

  it("starts with one stopped worker instance", async () => {
    const instance = await cloud.instance();
    assert.equal(instance.State?.Name, "stopped");
    assert.equal(instance.State?.Code, 80);
    assert.equal(instance.InstanceType, "g4dn.xlarge");
    assert.deepEqual(instance.Tags, [{ Key: "Name", Value: "lightly-worker" }]);
    assert.equal(instance.StateReason?.Code, "Client.UserInitiatedShutdown");
    assert.equal(instance.PublicIpAddress, undefined);
  });

  it("returns both states of a start immediately, and is running later", async () => {
    const { StartingInstances } = await cloud.ec2.send(new StartInstancesCommand({ InstanceIds: [cloud.id] }));
    assert.equal(StartingInstances?.[0]?.PreviousState?.Name, "stopped");
    assert.equal(StartingInstances?.[0]?.CurrentState?.Name, "pending");
    assert.equal(await state(), "pending");
    await waitUntilInstanceRunning({ client: cloud.ec2, maxWaitTime: 90, minDelay: 1 }, { InstanceIds: [cloud.id] });
    const instance = await cloud.instance();
    assert.match(instance.PublicIpAddress ?? "", /^203\.0\.113\./);
    assert.ok(Date.now() - (instance.LaunchTime?.getTime() ?? 0) < 120_000);
  });

  it("accepts a start of a running instance", async () => {
    const { StartingInstances } = await cloud.ec2.send(new StartInstancesCommand({ InstanceIds: [cloud.id] }));
    assert.equal(StartingInstances?.[0]?.PreviousState?.Name, "running");
    assert.equal(StartingInstances?.[0]?.CurrentState?.Name, "running");
  });

  it("returns the status of running instances only, unless all are requested", async () => {
    const status = async () => {
      const { InstanceStatuses } = await cloud.ec2.send(new DescribeInstanceStatusCommand({}));
      return InstanceStatuses?.[0]?.SystemStatus?.Status;
    };
    await eventually("the checks to pass", async () => (await status()) === "ok");
  });

  it("refuses a start while stopping, and accepts a second stop", async () => {
    await cloud.ec2.send(new StopInstancesCommand({ InstanceIds: [cloud.id] }));
    assert.equal(await state(), "stopping");
    await assert.rejects(
      cloud.ec2.send(new StartInstancesCommand({ InstanceIds: [cloud.id] })),
      named("IncorrectInstanceState", /not in a state from which it can be started/),
    );
    const { StoppingInstances } = await cloud.ec2.send(new StopInstancesCommand({ InstanceIds: [cloud.id] }));
    assert.equal(StoppingInstances?.[0]?.CurrentState?.Name, "stopping");
    await waitUntilInstanceStopped({ client: cloud.ec2, maxWaitTime: 90, minDelay: 1 }, { InstanceIds: [cloud.id] });
    const { StoppingInstances: again } = await cloud.ec2.send(new StopInstancesCommand({ InstanceIds: [cloud.id] }));
    assert.equal(again?.[0]?.CurrentState?.Name, "stopped");
    const all = await cloud.ec2.send(new DescribeInstanceStatusCommand({ IncludeAllInstances: true }));
    assert.equal(all.InstanceStatuses?.[0]?.InstanceStatus?.Status, "not-applicable");
    const running = await cloud.ec2.send(new DescribeInstanceStatusCommand({}));
    assert.deepEqual(running.InstanceStatuses, []);
  });

  it("returns an error for dry runs, and changes nothing", async () => {
    const dry = { InstanceIds: [cloud.id], DryRun: true };
    for (const command of [
      new StartInstancesCommand(dry),
      new StopInstancesCommand(dry),
      new DescribeInstancesCommand(dry),
      new DescribeInstanceStatusCommand(dry),
      new DescribeTagsCommand({ DryRun: true }),
    ]) {
      await assert.rejects(cloud.ec2.send(command as StartInstancesCommand), (error: Error) => {
        const { $metadata } = error as Error & { $metadata: { httpStatusCode: number } };
        return named("DryRunOperation")(error) && $metadata.httpStatusCode === 412;
      });
    }
    assert.equal(await state(), "stopped");
  });

  it("launches further instances, which can't be stopped before they were running, and terminates them", async () => {
    const request = { ImageId: "ami-0123456789abcdef0", MinCount: 1, MaxCount: 2, ClientToken: "once" } as const;
    const { Instances, ReservationId } = await cloud.ec2.send(new RunInstancesCommand(request));
    const ids = (Instances ?? []).map((instance) => instance.InstanceId ?? "");
    assert.equal(ids.length, 2);
    const repeated = await cloud.ec2.send(new RunInstancesCommand(request));
    assert.equal(repeated.ReservationId, ReservationId);
    await assert.rejects(
      cloud.ec2.send(new StopInstancesCommand({ InstanceIds: ids })),
      named("IncorrectInstanceState", /never reached the 'running' state/),
    );
    await waitUntilInstanceRunning({ client: cloud.ec2, maxWaitTime: 90, minDelay: 1 }, { InstanceIds: ids });
    const { TerminatingInstances } = await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));
    assert.equal(TerminatingInstances?.[1]?.CurrentState?.Name, "shutting-down");
    await assert.rejects(
      cloud.ec2.send(new StopInstancesCommand({ InstanceIds: ids })),
      named("IncorrectInstanceState", /can be stopped/),
    );
    await eventually("the end", async () => {
      const { TerminatingInstances } = await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));
      return TerminatingInstances?.every((one) => one.CurrentState?.Name === "terminated");
    });
    await assert.rejects(
      cloud.ec2.send(new StartInstancesCommand({ InstanceIds: ids })),
      named("IncorrectInstanceState", /can be started/),
    );
  });
});
