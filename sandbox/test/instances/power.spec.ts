import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { ModifyInstanceAttributeCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { eventually, isAlive, numberIn, type Running, startRunning } from "./running-sandbox.ts";

describe("The power of an instance", () => {
  let cloud: Running;
  beforeEach(async () => {
    // A minute of `shutdown +1` lasts 600 ms.
    cloud = await startRunning({ delays: { secondMs: 10 } });
    await cloud.boot();
  });
  afterEach(() => cloud.close());

  const file = (name: string): string => join(cloud.sandbox.instanceDir, "home/ubuntu", name);
  const pidIn = (name: string): Promise<number> => eventually(name, () => numberIn(file(name)));
  const stopped = () => eventually("the stop", async () => (await cloud.instance()).State?.Name === "stopped");
  const hidden = `setsid nohup sh -c 'echo $$ > /home/ubuntu/hidden; trap "" TERM; while :; do sleep 0.1; done' >/dev/null 2>&1 </dev/null &`;

  it("ends all processes when it stops, also those that have left their session or ignore SIGTERM", async () => {
    const command = await cloud.send(`${hidden}\nsleep 600`, { Parameters: { executionTimeout: ["172800"] } });
    const pid = await pidIn("hidden");
    await cloud.halt();
    assert.ok(!isAlive(pid));
    const end = await cloud.ended(command);
    assert.equal(end.Status, "Failed");
    assert.notEqual(end.ResponseCode, 0);
    assert.equal(Array.isArray((await cloud.control("GET", "state")).body.instances), true);
  });

  it("leaves a command InProgress when its power is cut, until its agent is online again and reports the failure", async () => {
    const command = await cloud.send("echo $$ > /home/ubuntu/pid; sleep 600", {
      Parameters: { executionTimeout: ["172800"] },
    });
    const pid = await pidIn("pid");
    await cloud.ec2.send(new StopInstancesCommand({ InstanceIds: [cloud.id], Force: true }));
    await stopped();
    assert.ok(!isAlive(pid));
    assert.equal((await cloud.look(command))?.Status, "InProgress");
    await cloud.boot();
    assert.equal((await cloud.ended(command)).Status, "Failed");
  });

  it("is cut immediately by force during a stop", async () => {
    await cloud.close();
    cloud = await startRunning({ delays: { stopMs: 60_000 } });
    await cloud.boot();
    await cloud.send(hidden);
    const pid = await pidIn("hidden");
    await cloud.ec2.send(new StopInstancesCommand({ InstanceIds: [cloud.id] }));
    assert.equal((await cloud.instance()).State?.Name, "stopping");
    assert.ok(isAlive(pid));
    await cloud.ec2.send(new StopInstancesCommand({ InstanceIds: [cloud.id], Force: true }));
    await stopped();
    assert.ok(!isAlive(pid));
  });

  it("is cut by its own shutdown after the given minutes", async () => {
    assert.equal((await cloud.run("sudo /sbin/shutdown -h +1 'good night'")).Status, "Success");
    assert.equal((await cloud.instance()).State?.Name, "running");
    await stopped();
    assert.equal((await cloud.instance()).StateReason?.Code, "Client.InstanceInitiatedShutdown");
  });

  it("stays on if the shutdown is canceled, and is cut by all immediate forms of shutdown", async () => {
    const end = await cloud.run("shutdown -h +60; shutdown -c; shutdown -h soon; shutdown -r now; reboot");
    assert.match(end.StandardErrorContent ?? "", /Failed to parse time specification: soon/);
    assert.match(end.StandardErrorContent ?? "", /does not reboot/);
    assert.equal((await cloud.instance()).State?.Name, "running");
    const { body } = await cloud.control("GET", "state");
    assert.equal((body.instances as Array<{ shutdownAt?: number }>)[0]?.shutdownAt, undefined);
    await cloud.send("poweroff");
    await stopped();
  });

  it("is terminated by its own shutdown if its attribute is set", async () => {
    await cloud.ec2.send(
      new ModifyInstanceAttributeCommand({
        InstanceId: cloud.id,
        InstanceInitiatedShutdownBehavior: { Value: "terminate" },
      }),
    );
    await cloud.send("shutdown now");
    await eventually("the end", async () => (await cloud.instance()).State?.Name === "terminated");
  });

  it("is cut with its sandbox, which restores the instance and its commands after a restart", async () => {
    const { stateDir } = cloud;
    const token = cloud.sandbox.token;
    const done = await cloud.run("echo kept");
    await cloud.send(hidden);
    const pid = await pidIn("hidden");
    await cloud.close();
    assert.ok(!isAlive(pid));
    cloud = await startRunning({ stateDir });
    const instance = await cloud.instance();
    assert.equal(instance.State?.Name, "stopped");
    assert.equal(instance.StateReason?.Code, "Server.InternalError");
    assert.equal((await cloud.look(done.CommandId ?? ""))?.StandardOutputContent, "kept\n");
    assert.equal(cloud.sandbox.token, token);
    assert.equal(statSync(join(stateDir, "credentials.json")).mode & 0o777, 0o600);
  });

  it("belongs to one sandbox at a time", async () => {
    await assert.rejects(startRunning({ stateDir: cloud.stateDir }), /already uses/);
  });
});
