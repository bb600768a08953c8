import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Setup } from "../../judge.ts";
import type { Cli } from "./cli.ts";

interface Invocation {
  readonly Status: string;
  readonly StatusDetails: string;
  readonly ResponseCode: number;
  readonly StandardOutputContent: string;
  readonly StandardErrorContent: string;
}

/** Run Command on the ready-made instance, which it starts and stops. */
export async function judgeScripts({ tally, sandbox }: Setup, cli: Cli): Promise<void> {
  const id = sandbox.instanceId;
  const send = async (...lines: string[]): Promise<string> => {
    const parameters = JSON.stringify({ commands: lines });
    const args = ["ssm", "send-command", "--document-name", "AWS-RunShellScript", "--instance-ids", id];
    return (await cli.json<{ Command: { CommandId: string } }>([...args, "--parameters", parameters])).Command
      .CommandId;
  };
  const named = (commandId: string): string[] => ["--command-id", commandId, "--instance-id", id];
  const invocation = async (commandId: string): Promise<Invocation> =>
    await cli.json<Invocation>(["ssm", "get-command-invocation", ...named(commandId)]);

  await tally.check("send-command to a stopped instance is InvalidInstanceId", () =>
    cli.refused(
      [
        "ssm",
        "send-command",
        "--document-name",
        "AWS-RunShellScript",
        "--instance-ids",
        id,
        "--parameters",
        "commands=ls",
      ],
      "InvalidInstanceId",
    ),
  );
  await cli.run(["ec2", "start-instances", "--instance-ids", id]);
  await tally.check("describe-instance-information shows the agent Online when the instance is running", async () => {
    const query = ["--query", `InstanceInformationList[?InstanceId=='${id}'].PingStatus`, "--output", "text"];
    for (let attempt = 0; attempt < 20; attempt++) {
      if ((await cli.run(["ssm", "describe-instance-information", ...query])).trim() === "Online") {
        return;
      }
      await sleep(200);
    }
    assert.fail("it does not come Online");
  });
  let finished = "";
  await tally.check(
    "send-command runs a script; wait command-executed and get-command-invocation report its end",
    async () => {
      finished = await send("echo to stdout", "echo to stderr >&2", "sleep 2");
      await cli.run(["ssm", "wait", "command-executed", ...named(finished)]);
      const end = await invocation(finished);
      assert.deepEqual(
        [end.Status, end.ResponseCode, end.StandardOutputContent, end.StandardErrorContent],
        ["Success", 0, "to stdout\n", "to stderr\n"],
      );
    },
  );
  await tally.check("a failed script fails the waiter, and its exit code is returned", async () => {
    const commandId = await send("exit 7");
    await assert.rejects(cli.run(["ssm", "wait", "command-executed", ...named(commandId)]), /terminal failure state/);
    const end = await invocation(commandId);
    assert.deepEqual([end.Status, end.StatusDetails, end.ResponseCode], ["Failed", "Failed", 7]);
  });
  await tally.check("list-commands and list-command-invocations show the command", async () => {
    type Commands = { Commands: { Status: string; InstanceIds: string[]; CompletedCount: number }[] };
    const { Commands } = await cli.json<Commands>(["ssm", "list-commands", "--command-id", finished]);
    assert.deepEqual(
      [Commands[0]?.Status, Commands[0]?.InstanceIds, Commands[0]?.CompletedCount],
      ["Success", [id], 1],
    );
    const { CommandInvocations } = await cli.json<{ CommandInvocations: { CommandPlugins: { Output: string }[] }[] }>([
      ...["ssm", "list-command-invocations", "--command-id", finished, "--details"],
    ]);
    assert.match(CommandInvocations[0]?.CommandPlugins[0]?.Output ?? "", /^to stdout\n/);
  });
  await tally.check("cancel-command ends a script that sleeps", async () => {
    const commandId = await send("sleep 600");
    await sleep(500);
    await cli.run(["ssm", "cancel-command", "--command-id", commandId]);
    await assert.rejects(cli.run(["ssm", "wait", "command-executed", ...named(commandId)]), /terminal failure state/);
    const end = await invocation(commandId);
    assert.deepEqual([end.Status, end.ResponseCode], ["Cancelled", 137]);
  });
  await tally.check("an unknown document is InvalidDocument", () =>
    cli.refused(["ssm", "send-command", "--document-name", "No-Such", "--instance-ids", id], "InvalidDocument"),
  );
  await cli.run(["ec2", "stop-instances", "--instance-ids", id]);
}
