import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  waitUntilCommandExecuted,
} from "@aws-sdk/client-ssm";
import { eventually, isAlive, named, numberIn, type Running, startRunning } from "../instances/running-sandbox.ts";

describe("Run Command on a running instance", () => {
  let cloud: Running;
  before(async () => {
    // A second of a limit lasts 60 ms here, so that the shortest limit (5 s) is 300 ms.
    cloud = await startRunning({ delays: { secondMs: 60 } });
    await cloud.boot();
  });
  afterEach(() => cloud.sandbox.faults.clear());
  after(() => cloud.close());

  const file = (name: string): string => join(cloud.sandbox.instanceDir, "home/ubuntu", name);

  it("reports the agent online since the start", async () => {
    const { InstanceInformationList } = await cloud.ssm.send(
      new DescribeInstanceInformationCommand({ Filters: [{ Key: "InstanceIds", Values: [cloud.id] }] }),
    );
    assert.equal(InstanceInformationList?.[0]?.PingStatus, "Online");
    const launched = (await cloud.instance()).LaunchTime?.getTime() ?? 0;
    assert.ok((InstanceInformationList?.[0]?.LastPingDateTime?.getTime() ?? 0) >= launched);
  });

  it("runs lines as one script of sh, in the instance's folder, with its home and little else", async () => {
    process.env.SECRET_OF_THE_USER = "must not be seen";
    const end = await cloud.run('x=1\nfalse\necho "$x $HOME $SSM_COMMAND_ID"\npwd\nenv');
    delete process.env.SECRET_OF_THE_USER;
    const [line, pwd, ...env] = (end.StandardOutputContent ?? "").split("\n");
    assert.equal(line, `1 ${join(cloud.sandbox.instanceDir, "home/ubuntu")} ${end.CommandId}`);
    assert.equal(pwd, cloud.sandbox.instanceDir);
    assert.equal(end.Status, "Success");
    assert.ok(!env.some((variable) => /SECRET/.test(variable)));
    assert.ok(!env.join("\n").includes(cloud.sandbox.credentials.secretAccessKey));
  });

  it("uses the interpreter in the first line", async () => {
    const end = await cloud.run(`#!/usr/bin/env node\nconsole.log([1, 2].map((n) => n * 2).join());`);
    assert.equal(end.StandardOutputContent, "2,4\n");
  });

  it("finds /home/ubuntu on the instance's own disk, quoted or not, and as working directory", async () => {
    writeFileSync(file("it's here.sh"), "echo found $1\n");
    const end = await cloud.run(
      `sh '/home/ubuntu/it'\\''s here.sh' one; sh "/home/ubuntu/it's here.sh" two; ls /home/ubuntu; pwd`,
      {
        Parameters: { workingDirectory: ["/home/ubuntu/"] },
      },
    );
    const home = join(cloud.sandbox.instanceDir, "home/ubuntu");
    assert.equal(end.StandardOutputContent, `found one\nfound two\nit's here.sh\nrun.sh\n${home}\n`);
    const lost = await cloud.run("echo not reached", { Parameters: { workingDirectory: ["/nowhere/at/all"] } });
    assert.equal(lost.Status, "Failed");
  });

  it("returns no output before the end, and then only its start", async () => {
    const id =
      await cloud.send(`echo early; touch /home/ubuntu/started; while [ ! -e /home/ubuntu/go ]; do sleep 0.02; done
head -c 30000 /dev/zero | tr '\\0' a; head -c 9000 /dev/zero | tr '\\0' b >&2`);
    await eventually("the script to begin", () => existsSync(file("started")));
    const before = await cloud.look(id);
    assert.equal(before?.Status, "InProgress");
    assert.equal(before?.StandardOutputContent, "");
    writeFileSync(file("go"), "");
    const end = await cloud.ended(id);
    assert.equal(end.StandardOutputContent?.length, 24_000);
    assert.equal(end.StandardErrorContent?.length, 8_000);
    const { CommandInvocations } = await cloud.ssm.send(
      new ListCommandInvocationsCommand({ CommandId: id, Details: true }),
    );
    assert.equal(CommandInvocations?.[0]?.CommandPlugins?.[0]?.Output?.length, 2_500);
  });

  it("continues as long as a process has the output open", async () => {
    const held = await cloud.send("(while [ ! -e /home/ubuntu/let-go ]; do sleep 0.02; done) & echo left");
    const free = await cloud.run("(sleep 30) >/dev/null 2>&1 </dev/null & echo $!");
    assert.equal(free.Status, "Success");
    assert.ok(isAlive(Number(free.StandardOutputContent)));
    assert.equal((await cloud.look(held))?.Status, "InProgress");
    writeFileSync(file("let-go"), "");
    assert.equal((await cloud.ended(held)).StandardOutputContent, "left\n");
    process.kill(Number(free.StandardOutputContent));
  });

  it("kills the process group at the execution limit", async () => {
    const end = await cloud.run("echo $$; sleep 600 & sleep 600", { Parameters: { executionTimeout: ["5"] } });
    assert.equal(end.Status, "TimedOut");
    assert.equal(end.StatusDetails, "ExecutionTimedOut");
    assert.equal(end.ResponseCode, 137);
    await eventually("the shell to be gone", () => !isAlive(Number(end.StandardOutputContent)));
  });

  it("treats an invalid limit as one hour", async () => {
    for (const limit of ["4", "172801", "soon"]) {
      const end = await cloud.run("sleep 0.4", { Parameters: { executionTimeout: [limit] } });
      assert.equal(end.Status, "Success", limit);
    }
  });

  it("fails a command that is not delivered within its limit, and never runs it", async () => {
    cloud.sandbox.faults.neverDelivered = true;
    const end = await cloud.run("touch /home/ubuntu/too-late", { TimeoutSeconds: 30 });
    assert.equal(end.Status, "TimedOut");
    assert.equal(end.StatusDetails, "DeliveryTimedOut");
    assert.equal(end.ResponseCode, -1);
    cloud.sandbox.faults.neverDelivered = false;
    assert.equal((await cloud.run("true")).Status, "Success");
    assert.ok(!existsSync(file("too-late")));
  });

  it("cancels running and pending commands", async () => {
    const id = await cloud.send("echo $$ > /home/ubuntu/pid; exec sleep 600");
    const pid = await eventually("the script", () => numberIn(file("pid")));
    await cloud.ssm.send(new CancelCommandCommand({ CommandId: id, InstanceIds: [cloud.id] }));
    const end = await cloud.ended(id);
    assert.equal(end.Status, "Cancelled");
    assert.equal(end.ResponseCode, 137);
    assert.ok(!isAlive(pid));
    // The instance would run the command within milliseconds, perhaps before the request to cancel it arrives.
    cloud.sandbox.faults.neverDelivered = true;
    const waiting = await cloud.send("touch /home/ubuntu/canceled-too-late");
    await cloud.ssm.send(new CancelCommandCommand({ CommandId: waiting }));
    assert.equal((await cloud.ended(waiting)).Status, "Cancelled");
    cloud.sandbox.faults.neverDelivered = false;
    await cloud.run("true");
    assert.ok(!existsSync(file("canceled-too-late")));
    await assert.rejects(
      cloud.ssm.send(new CancelCommandCommand({ CommandId: "00000000-0000-0000-0000-000000000000" })),
      named("InvalidCommandId"),
    );
  });

  it("runs five commands at a time", async () => {
    const wait = "while [ ! -e /home/ubuntu/all ]; do sleep 0.02; done";
    const ids = await Promise.all(Array.from({ length: 6 }, () => cloud.send(wait)));
    const statuses = async () => (await Promise.all(ids.map(cloud.look))).map((one) => one?.Status);
    await eventually("five to run", async () => (await statuses()).filter((one) => one === "InProgress").length === 5);
    assert.equal((await statuses()).filter((one) => one === "Pending").length, 1);
    writeFileSync(file("all"), "");
    for (const id of ids) {
      assert.equal((await cloud.ended(id)).Status, "Success");
    }
  });

  it("writes the complete output to S3 if requested, and returns its location", async () => {
    const id = await cloud.send("head -c 30000 /dev/zero | tr '\\0' a", {
      OutputS3BucketName: "lightly-output",
      OutputS3KeyPrefix: "logs/",
    });
    const end = await cloud.ended(id);
    const key = `logs/${id}/${cloud.id}/awsrunShellScript/0.awsrunShellScript/stdout`;
    assert.equal(end.StandardOutputUrl, `${cloud.sandbox.endpoints.aws}/lightly-output/${key}`);
    const { region, credentials, endpoints } = cloud.sandbox;
    const s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "lightly-output", Key: key }));
    assert.equal((await Body?.transformToString())?.length, 30_000);
    s3.destroy();
    await assert.rejects(cloud.send("true", { OutputS3BucketName: "no-such-bucket" }), named("InvalidOutputFolder"));
  });

  it("records the log group of a command, by default that of its document, and returns it in each response", async () => {
    const on = { CloudWatchOutputEnabled: true };
    for (const [config, group] of [
      [{ ...on, CloudWatchLogGroupName: "/my/group" }, "/my/group"],
      [on, "/aws/ssm/AWS-RunShellScript"],
      [{ CloudWatchOutputEnabled: false, CloudWatchLogGroupName: "/my/group" }, ""],
    ] as const) {
      const id = await cloud.send("true", { CloudWatchOutputConfig: config });
      const shown = { CloudWatchLogGroupName: group, CloudWatchOutputEnabled: group !== "" };
      assert.deepEqual((await cloud.ended(id)).CloudWatchOutputConfig, shown);
      const { Commands } = await cloud.ssm.send(new ListCommandsCommand({ CommandId: id }));
      assert.deepEqual(Commands?.[0]?.CloudWatchOutputConfig, shown);
    }
  });

  it("lists commands and invocations, in pages and by status", async () => {
    await cloud.run("true");
    const first = await cloud.ssm.send(new ListCommandsCommand({ MaxResults: 2, InstanceId: cloud.id }));
    assert.equal(first.Commands?.length, 2);
    assert.equal(first.Commands?.[0]?.Status, "Success");
    assert.equal(first.Commands?.[0]?.TargetCount, 1);
    assert.equal(first.Commands?.[0]?.CompletedCount, 1);
    const second = await cloud.ssm.send(new ListCommandsCommand({ MaxResults: 2, NextToken: first.NextToken }));
    assert.notEqual(second.Commands?.[0]?.CommandId, first.Commands?.[0]?.CommandId);
    const { CommandInvocations = [] } = await cloud.ssm.send(
      new ListCommandInvocationsCommand({ Filters: [{ key: "Status", value: "Cancelled" }] }),
    );
    assert.equal(CommandInvocations.length, 2);
  });

  it("reports a script that can't be started as failed, and continues", async () => {
    for (const folder of ["/no/such/folder", "/no\u0000folder"]) {
      const end = await cloud.run("echo never", { Parameters: { workingDirectory: [folder] } });
      assert.equal(end.Status, "Failed");
      assert.notEqual(end.StandardErrorContent, "");
    }
    assert.equal((await cloud.run("echo alive")).Status, "Success");
  });

  it("sends to all instances with a tag", async () => {
    const id = await cloud.send("echo tagged", {
      InstanceIds: [],
      Targets: [{ Key: "tag:Name", Values: ["lightly-*"] }],
    });
    assert.equal((await cloud.ended(id)).StandardOutputContent, "tagged\n");
  });
});

describe("The states of a command", () => {
  let cloud: Running;
  before(async () => {
    // Long enough to observe the states in between on a busy computer.
    cloud = await startRunning({ delays: { deliveryMs: 1000 } });
    await cloud.boot();
  });
  after(() => cloud.close());

  it("are at first unknown, then Pending, InProgress and final with output", async () => {
    const id = await cloud.send("echo out; echo err >&2; exit 3", { Comment: "hello" });
    assert.equal(await cloud.look(id), undefined);
    const { CommandInvocations } = await cloud.ssm.send(new ListCommandInvocationsCommand({ CommandId: id }));
    assert.deepEqual(CommandInvocations, []);
    const pending = await eventually("the command to be known", () => cloud.look(id));
    assert.equal(pending.Status, "Pending");
    assert.equal(pending.ResponseCode, -1);
    assert.equal(pending.ExecutionStartDateTime, "");
    const end = await cloud.ended(id);
    assert.equal(end.Status, "Failed");
    assert.equal(end.StatusDetails, "Failed");
    assert.equal(end.ResponseCode, 3);
    assert.equal(end.StandardOutputContent, "out\n");
    assert.equal(end.StandardErrorContent, "err\n");
    assert.equal(end.Comment, "hello");
    assert.match(end.ExecutionElapsedTime ?? "", /^PT[\d.]+S$/);
    assert.ok(Date.parse(end.ExecutionEndDateTime ?? "") >= Date.parse(end.ExecutionStartDateTime ?? ""));
    const { state } = await waitUntilCommandExecuted(
      { client: cloud.ssm, maxWaitTime: 5, minDelay: 1 },
      { CommandId: await cloud.send("true"), InstanceId: cloud.id },
    );
    assert.equal(state, "SUCCESS");
  });
});
