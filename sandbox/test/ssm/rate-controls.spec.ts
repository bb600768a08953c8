import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import {
  CancelCommandCommand,
  type CommandInvocation,
  ListCommandInvocationsCommand,
  type SendCommandRequest,
} from "@aws-sdk/client-ssm";
import { eventually, named, type Running, startRunning } from "../instances/running-sandbox.ts";

describe("a command on several instances", () => {
  let cloud: Running;
  let ids: string[];
  before(async () => {
    cloud = await startRunning();
    const { Instances = [] } = await cloud.ec2.send(
      new RunInstancesCommand({ ImageId: "ami-0123456789abcdef0", MinCount: 4, MaxCount: 4 }),
    );
    ids = Instances.flatMap(({ InstanceId = "" }) => InstanceId);
    await eventually("the agents to be online", async () => {
      const { body } = await cloud.control("GET", "state");
      return (body.instances as Array<{ onlineSince?: number }>).filter((one) => one.onlineSince).length === 4;
    });
  });
  after(() => cloud.close());

  const send = (script: string, more: Partial<SendCommandRequest> = {}): Promise<string> =>
    cloud.send(script, { InstanceIds: ids, ...more });
  const listed = async (CommandId: string): Promise<CommandInvocation[]> => {
    const { CommandInvocations = [] } = await cloud.ssm.send(new ListCommandInvocationsCommand({ CommandId }));
    return ids.flatMap((id) => CommandInvocations.find(({ InstanceId }) => InstanceId === id) ?? []);
  };
  const details = async (id: string) => (await listed(id)).map(({ StatusDetails }) => StatusDetails);
  const ended = async (id: string) => {
    await eventually("the end on all instances", async () => {
      const all = await listed(id);
      return all.length === 4 && all.every(({ Status = "" }) => /Success|Failed|Cancelled|TimedOut/.test(Status));
    });
    return await details(id);
  };
  const wait = (name: string) =>
    `touch /home/ubuntu/${name}.began; while [ ! -e /home/ubuntu/${name} ]; do sleep 0.02; done`;
  /** Lets a script of `wait` continue on one instance. */
  const go = async (index: number, name: string) => {
    await cloud.send(`touch /home/ubuntu/${name}`, { InstanceIds: [ids[index] ?? ""] });
  };
  /** Resolves when a script of `wait` has begun on one instance: a command is in progress before its process runs. */
  const began = async (index: number, name: string) => {
    const id = await cloud.send(`until [ -e /home/ubuntu/${name}.began ]; do sleep 0.02; done`, {
      InstanceIds: [ids[index] ?? ""],
    });
    await eventually("the script to begin", async () => (await details(id))[0] === "Success");
  };
  const inProgress = async (id: string) =>
    (await details(id)).flatMap((one, index) => (one === "InProgress" ? [index] : []));

  it("runs on all at once by default", async () => {
    const id = await send(wait("all"));
    await eventually("all to run", async () => (await inProgress(id)).length === 4);
    for (const index of ids.keys()) {
      await go(index, "all");
    }
    assert.deepEqual(await ended(id), ["Success", "Success", "Success", "Success"]);
  });

  for (const MaxConcurrency of ["2", "50%"]) {
    it(`runs on two at a time with ${MaxConcurrency}, in their order`, async () => {
      const name = `two${MaxConcurrency.length}`;
      const id = await send(wait(name), { MaxConcurrency });
      await eventually("two to run", async () => (await inProgress(id)).length === 2);
      await pause(100);
      assert.deepEqual(await details(id), ["InProgress", "InProgress", "Pending", "Pending"]);
      await go(1, name);
      await eventually("the third", async () => (await inProgress(id)).includes(2));
      assert.deepEqual(await details(id), ["InProgress", "Success", "InProgress", "Pending"]);
      for (const index of [0, 2, 3]) {
        await go(index, name);
      }
      assert.deepEqual(await ended(id), ["Success", "Success", "Success", "Success"]);
    });
  }

  it("is sent to no other instance after more errors than allowed", async () => {
    assert.deepEqual(await ended(await send("exit 3", { MaxConcurrency: "1" })), [
      "Failed",
      "Terminated",
      "Terminated",
      "Terminated",
    ]);
    const one = { MaxConcurrency: "1", MaxErrors: "1" };
    assert.deepEqual(await ended(await send("exit 3", one)), ["Failed", "Failed", "Terminated", "Terminated"]);
    const half = { MaxConcurrency: "1", MaxErrors: "50%" };
    assert.deepEqual(await ended(await send("exit 3", half)), ["Failed", "Failed", "Failed", "Terminated"]);
  });

  it("lets scripts end that run already", async () => {
    assert.deepEqual(await ended(await send("exit 3")), ["Failed", "Failed", "Failed", "Failed"]);
  });

  it("never runs where it waits for its turn when it is canceled", async () => {
    const id = await send(wait("canceled"), { MaxConcurrency: "1" });
    await began(0, "canceled");
    await cloud.ssm.send(new CancelCommandCommand({ CommandId: id }));
    assert.deepEqual(await ended(id), ["Cancelled", "Cancelled", "Cancelled", "Cancelled"]);
    const check = await send("test ! -e /home/ubuntu/canceled.began");
    assert.deepEqual(await ended(check), ["Failed", "Success", "Success", "Success"]);
  });

  it("refuses what is neither a number nor a percentage", async () => {
    for (const wrong of [
      { MaxConcurrency: "0" },
      { MaxConcurrency: "200%" },
      { MaxErrors: "-1" },
      { MaxErrors: "few" },
    ]) {
      await assert.rejects(send("true", wrong), named("ValidationException"));
    }
  });
});
