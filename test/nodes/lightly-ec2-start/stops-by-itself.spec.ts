import { deepEqual, equal, match } from "node:assert/strict";
import { EC2Client, ModifyInstanceAttributeCommand } from "@aws-sdk/client-ec2";
import type { SandboxEvent } from "lightly-aws-sandbox";
import { helper, loadFlow, type TestFlow, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";
import { until } from "../support/until.ts";

const ID = "i-0123456789abcdef0";
const start = {
  type: "lightly-ec2-start",
  account: "aws",
  select: "ids",
  instanceIds: ID,
  instanceIdsType: "str",
  waitFor: "online",
  autoStopMinutes: "30",
  pollSeconds: "0.02",
};
const stop = { ...start, type: "lightly-ec2-stop", waitFor: "stopped" };

describe("an instance that the lightly-ec2-start node has started", () => {
  useNodeRed();
  const local = useSandbox();
  let since = 0;
  let warnings: string[];

  beforeEach(() => {
    since = local.sandbox.events.list().at(-1)?.id ?? 0;
    warnings = [];
  });
  afterEach(async () => {
    local.sandbox.faults.clear();
    await run(stop);
    await helper.unload();
  });

  /** Runs a step once, and replaces the previous one. */
  const run = async (step: { type: string } & Record<string, unknown>, msg = {}): Promise<TestFlow> => {
    await helper.unload();
    const flow = await loadFlow({ step, ...local.accounts });
    helper.getNode("step").warn = (text: string) => warnings.push(text);
    flow.receive(msg);
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    return flow;
  };
  const events = (kind: string): readonly SandboxEvent[] => local.sandbox.events.list({ kind, after: since });
  const lines = (): unknown[] => events("command").map(({ commands }) => commands);

  it("has a timer when the message is sent", async () => {
    const flow = await run(start);
    deepEqual(flow.sent[0]?.[0]?.payload, [ID]);
    deepEqual(lines(), [["shutdown -h +30"]]);
    await until(() => events("shutdown").length > 0);
    deepEqual(
      events("shutdown").map(({ instanceId, inMs }) => [instanceId, inMs]),
      [[ID, 30 * 60_000]],
    );
  });

  it("gets a timer from a node that was saved before the field existed", async () => {
    await run({ ...start, autoStopMinutes: undefined });
    deepEqual(lines(), [["shutdown -h +30"]]);
  });

  it("has its timer renewed while its run continues", async () => {
    await run({ ...start, autoStopMinutes: "0.02" });
    await until(() => events("shutdown").length >= 3);
    await helper.unload();
    // Meanwhile a request that was in flight arrives.
    await run({ ...start, autoStopMinutes: "0" });
    const armed = lines().length;
    await run(stop);
    equal(lines().length, armed, "a closed node renews nothing");
  });

  it("has no timer if the form has 0, or does not wait for the agent", async () => {
    await run({ ...start, autoStopMinutes: "0" });
    await run({ ...start, waitFor: "running" });
    deepEqual(lines(), []);
  });

  it("has no timer if a shutdown would terminate it; the node warns and continues", async () => {
    await setBehavior("terminate");
    try {
      const flow = await run(start);
      equal(flow.completed.length, 1);
      deepEqual(lines(), []);
      match(warnings.join("\n"), /^Instance i-0123456789abcdef0 .*"terminate"/);
    } finally {
      await setBehavior("stop");
    }
  });

  it("has no timer if SSM refuses the command; the node warns and continues", async () => {
    local.sandbox.faults.add({
      service: "ssm",
      operation: "SendCommand",
      kind: "status",
      status: 400,
      code: "AccessDeniedException",
    });
    const flow = await run(start);
    equal(flow.completed.length, 1);
    deepEqual(flow.caught, []);
    match(warnings.join("\n"), /ssm:SendCommand/);
  });

  it("refuses an invalid time", async () => {
    const flow = await run({ ...start, autoStopMinutes: "soon" });
    equal(flow.caught[0]?.error.code, "INPUT_INVALID");
  });

  it("has its timer disarmed before it hibernates, and not before a normal stop, which clears it", async () => {
    await run(start);
    await until(() => events("shutdown").length > 0);
    await run({ ...stop, hibernate: true });
    deepEqual(lines(), [["shutdown -h +30"], ["shutdown -c"]]);
    const [, disarm] = events("command");
    await until(() =>
      events("invocation").some(({ commandId, status }) => commandId === disarm?.commandId && status === "Success"),
    );
    await run(start);
    await run(stop);
    equal(lines().length, 3);
    deepEqual(warnings, []);
  });

  it("is stopped even if its timer can't be disarmed; the node warns", async () => {
    await run(start);
    local.sandbox.faults.add({
      service: "ssm",
      operation: "SendCommand",
      kind: "status",
      status: 500,
      code: "InternalServerError",
    });
    const flow = await run({ ...stop, hibernate: true });
    equal(flow.completed.length, 1);
    match(warnings.join("\n"), /may be restored with its memory/);
  });

  it("gets its timer again if it can't be stopped for hibernation", async () => {
    // The node that renews the timer is in the same flow.
    const keeper = { ...start, id: "keeper", z: "tab", wires: [] };
    const accounts = { ...local.accounts, others: [...local.accounts.others, keeper] };
    const flow = await loadFlow({ step: { ...stop, hibernate: true }, ...accounts });
    helper.getNode("keeper").receive({ runId: "kept" } as never);
    await until(() => events("shutdown").length > 0);
    local.sandbox.faults.add({
      service: "ec2",
      operation: "StopInstances",
      kind: "status",
      status: 400,
      code: "OperationNotPermitted",
    });
    flow.receive({});
    await until(() => lines().length >= 3);
    deepEqual(lines().slice(0, 3), [["shutdown -h +30"], ["shutdown -c"], ["shutdown -h +30"]]);
    local.sandbox.faults.clear();
    await flow.until(() => flow.completed.length > 0);
    deepEqual(flow.caught, []);
  });

  async function setBehavior(Value: string): Promise<void> {
    const { region, credentials, endpoints } = local.sandbox;
    const ec2 = new EC2Client({ region, credentials, endpoint: endpoints.aws });
    await ec2.send(
      new ModifyInstanceAttributeCommand({ InstanceId: ID, InstanceInitiatedShutdownBehavior: { Value } }),
    );
    ec2.destroy();
  }
});
