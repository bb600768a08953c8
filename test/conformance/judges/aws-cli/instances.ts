import assert from "node:assert/strict";
import type { Setup } from "../../judge.ts";
import type { Cli } from "./cli.ts";

interface Change {
  readonly InstanceId: string;
  readonly PreviousState: { readonly Name: string };
  readonly CurrentState: { readonly Code: number; readonly Name: string };
}

interface Status {
  readonly InstanceState: { readonly Name: string };
  readonly InstanceStatus: { readonly Status: string };
}

/** EC2: the ready-made instance is started, described and stopped. */
export async function judgeInstances({ tally, sandbox }: Setup, cli: Cli): Promise<void> {
  const id = sandbox.instanceId;
  const named = ["--instance-ids", id];
  const states = ["--query", "Reservations[].Instances[].State.Name", "--output", "text"];
  const state = async (): Promise<string> => (await cli.run(["ec2", "describe-instances", ...named, ...states])).trim();
  const statuses = async (...args: string[]): Promise<readonly Status[]> => {
    const call = ["ec2", "describe-instance-status", ...named, ...args];
    return (await cli.json<{ InstanceStatuses: Status[] }>(call)).InstanceStatuses;
  };

  await tally.check("the instance is found by its tag, and is stopped", async () => {
    const filters = ["--filters", "Name=tag:Name,Values=lightly-worker", "Name=instance-state-name,Values=stopped"];
    const query = ["--query", "Reservations[].Instances[].InstanceId", "--output", "text"];
    assert.equal((await cli.run(["ec2", "describe-instances", ...filters, ...query])).trim(), id);
  });
  await tally.check("--dry-run of a start returns DryRunOperation and starts nothing", async () => {
    await cli.refused(["ec2", "start-instances", ...named, "--dry-run"], "DryRunOperation");
    assert.equal(await state(), "stopped");
  });
  await tally.check(
    "describe-instance-status omits instances that are not running, unless all are requested",
    async () => {
      assert.deepEqual(await statuses(), []);
      const [status] = await statuses("--include-all-instances");
      assert.deepEqual([status?.InstanceState.Name, status?.InstanceStatus.Status], ["stopped", "not-applicable"]);
    },
  );
  await tally.check("start-instances goes from stopped to pending, and wait instance-running succeeds", async () => {
    const { StartingInstances } = await cli.json<{ StartingInstances: Change[] }>(["ec2", "start-instances", ...named]);
    assert.deepEqual(
      StartingInstances.map((change) => [change.InstanceId, change.PreviousState.Name, change.CurrentState]),
      [[id, "stopped", { Code: 0, Name: "pending" }]],
    );
    await cli.run(["ec2", "wait", "instance-running", ...named]);
    assert.equal(await state(), "running");
  });
  await tally.check("wait instance-status-ok and describe-instance-status report passed checks", async () => {
    await cli.run(["ec2", "wait", "instance-status-ok", ...named]);
    const [status] = await statuses();
    assert.deepEqual([status?.InstanceState.Name, status?.InstanceStatus.Status], ["running", "ok"]);
  });
  await tally.check("a second start changes nothing", async () => {
    const { StartingInstances } = await cli.json<{ StartingInstances: Change[] }>(["ec2", "start-instances", ...named]);
    assert.deepEqual(
      [StartingInstances[0]?.PreviousState.Name, StartingInstances[0]?.CurrentState.Name],
      ["running", "running"],
    );
  });
  await tally.check("--dry-run of a stop stops nothing", async () => {
    await cli.refused(["ec2", "stop-instances", ...named, "--dry-run"], "DryRunOperation");
    assert.equal(await state(), "running");
  });
  await tally.check("stop-instances goes from running to stopping, and wait instance-stopped succeeds", async () => {
    const { StoppingInstances } = await cli.json<{ StoppingInstances: Change[] }>(["ec2", "stop-instances", ...named]);
    assert.deepEqual(
      [StoppingInstances[0]?.PreviousState.Name, StoppingInstances[0]?.CurrentState.Name],
      ["running", "stopping"],
    );
    await cli.run(["ec2", "wait", "instance-stopped", ...named]);
    assert.equal(await state(), "stopped");
  });
  await tally.check("an unknown instance and a malformed id have different errors", async () => {
    const start = ["ec2", "start-instances", "--instance-ids"];
    await cli.refused([...start, "i-0123456789abcdeff"], "InvalidInstanceID.NotFound");
    await cli.refused([...start, "i-nonsense"], "InvalidInstanceID.Malformed");
  });
}
