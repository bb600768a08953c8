import assert from "node:assert/strict";
import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  type EC2Client,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { InstanceSelector } from "../../../../src/services/ec2/instance-selector.ts";
import { startInstances } from "../../../../src/services/ec2/start-instances.ts";
import { type StopInstancesOptions, stopInstances } from "../../../../src/services/ec2/stop-instances.ts";
import type { Setup } from "../../judge.ts";
import { endsWith } from "./ends-with.ts";

/** `startInstances` and `stopInstances`, through every state that moto has. */
export async function judgeInstances({ tally }: Setup, ec2: EC2Client): Promise<void> {
  const limits = { timeoutMs: 20_000, pollMs: 50, signal: new AbortController().signal };
  const start = (select: InstanceSelector, signal = limits.signal) =>
    startInstances({ ec2, select, capacityTimeoutMs: 0, ...limits, signal });
  const stop = (select: InstanceSelector, more: Partial<StopInstancesOptions> = {}) =>
    stopInstances({ ec2, select, wait: true, ...limits, ...more });
  const state = async (id: string): Promise<string | undefined> => {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0]?.State?.Name;
  };
  const [one, two] = await stoppedPair(ec2);

  await tally.check("a stopped instance is started, and reported as running", async () => {
    const { instances } = await start({ ids: [one] });
    assert.deepEqual(
      instances.map(({ instanceId, state, wasRunning }) => [instanceId, state, wasRunning]),
      [[one, "running", false]],
    );
    assert.equal(await state(one), "running");
  });
  await tally.check("the start of a running instance succeeds, and it is reported as running before", async () => {
    const { instances } = await start({ ids: [one, two] });
    assert.deepEqual(
      instances.map(({ state, wasRunning }) => [state, wasRunning]),
      [
        ["running", true],
        ["running", false],
      ],
    );
  });
  await tally.check("a running instance is stopped, and reported as stopped", async () => {
    const { instances, hibernated } = await stop({ ids: [one] });
    assert.deepEqual([instances[0]?.state, instances[0]?.wasStopped, hibernated], ["stopped", false, false]);
    assert.equal(await state(one), "stopped");
  });
  await tally.check("the stop of a stopped instance succeeds, and it is reported as stopped before", async () => {
    const { instances } = await stop({ ids: [one] });
    assert.deepEqual([instances[0]?.state, instances[0]?.wasStopped], ["stopped", true]);
  });
  await tally.check("instances are found by tags, all of which must match", async () => {
    const { instanceIds } = await start({ tags: { Project: "conformance & more", Role: "worker" } });
    assert.deepEqual(instanceIds.sort(), [one, two].sort());
    assert.deepEqual((await stop({ tags: { Project: "conformance & more" } })).instanceIds.sort(), [one, two].sort());
    await endsWith("EC2_INSTANCE_NOT_FOUND", start({ tags: { Project: "conformance & more", Role: "none" } }));
  });
  await tally.check("an unknown instance is EC2_INSTANCE_NOT_FOUND for both steps, and names the id", async () => {
    const unknown = "i-0123456789abcdef0";
    assert.match((await endsWith("EC2_INSTANCE_NOT_FOUND", start({ ids: [unknown] }))).message, /i-0123456789abcdef0/);
    await endsWith("EC2_INSTANCE_NOT_FOUND", stop({ ids: [unknown] }));
  });
  await tally.check("none of several instances is started if one is unknown", async () => {
    await endsWith("EC2_INSTANCE_NOT_FOUND", start({ ids: [one, "i-0123456789abcdef0"] }));
    assert.equal(await state(one), "stopped");
  });
  await tally.check("stop protection is EC2_STOP_PROTECTED, and the instance keeps running", async () => {
    await start({ ids: [two] });
    const protect = (Value: boolean) =>
      ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: two, DisableApiStop: { Value } }));
    await protect(true);
    await endsWith("EC2_STOP_PROTECTED", stop({ ids: [two] }));
    assert.equal(await state(two), "running");
    await protect(false);
    await stop({ ids: [two] });
  });
  await tally.check("a step that is aborted before its start sends no request", async () => {
    await endsWith("ABORTED", start({ ids: [one] }, AbortSignal.abort(new Error("enough"))));
    assert.equal(await state(one), "stopped");
  });
  await tally.check("a terminated instance can't be started, and counts as stopped", async () => {
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [one] }));
    await endsWith("EC2_INSTANCE_TERMINATED", start({ ids: [one] }));
    assert.equal((await stop({ ids: [one] })).instances[0]?.wasStopped, true);
  });
}

async function stoppedPair(ec2: EC2Client): Promise<[string, string]> {
  const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ["amazon"] }));
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: Images?.[0]?.ImageId,
      InstanceType: "t3.micro",
      MinCount: 2,
      MaxCount: 2,
      TagSpecifications: [
        {
          ResourceType: "instance",
          Tags: [
            { Key: "Project", Value: "conformance & more" },
            { Key: "Role", Value: "worker" },
          ],
        },
      ],
    }),
  );
  const [one, two] = Instances.map(({ InstanceId }) => InstanceId ?? "");
  assert.ok(one && two, "moto has launched two instances");
  await ec2.send(new StopInstancesCommand({ InstanceIds: [one, two] }));
  return [one, two];
}
