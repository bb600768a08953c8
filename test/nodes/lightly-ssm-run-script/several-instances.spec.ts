import { deepEqual, equal, match } from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { EC2Client, RunInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { SsmResult } from "../../../src/nodes/lightly-ssm-run-script/ssm-result.ts";
import { runs } from "../../../src/runs/run-registry.ts";
import { startInstances } from "../../../src/services/ec2/start-instances.ts";
import { HANG_MS } from "../../support/limits.ts";
import { helper, loadFlow, result, type TestFlow, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";
import { until } from "../support/until.ts";

const step = {
  id: "step",
  type: "lightly-ssm-run-script",
  account: "aws",
  instanceIds: "ec2.instanceIds",
  instanceIdsType: "msg",
  script: "/bin/sh",
  scriptType: "str",
  args: "args",
  argsType: "msg",
  waitFor: "ended",
  pollSeconds: "0.02",
};

describe("lightly-ssm-run-script on several instances", () => {
  useNodeRed();
  const local = useSandbox();
  let ids: string[];
  let ec2: EC2Client;

  before(async () => {
    const { region, credentials, endpoints } = local.sandbox;
    const client = { region, credentials, endpoint: endpoints.aws };
    ec2 = new EC2Client(client);
    const launch = { ImageId: "ami-0123456789abcdef0", MinCount: 5, MaxCount: 5 };
    const { Instances = [] } = await ec2.send(new RunInstancesCommand(launch));
    ids = Instances.flatMap(({ InstanceId = "" }) => InstanceId);
    await startInstances({
      ...{ ec2, ssm: new SSMClient(client), select: { ids }, capacityTimeoutMs: 0 },
      ...{ timeoutMs: HANG_MS, pollMs: 20, signal: new AbortController().signal },
    });
  });

  const file = (index: number, name: string): string =>
    join(dirname(local.sandbox.instanceDir), ids[index] ?? "", "home", "ubuntu", name);
  /** A script that tells the instances apart by a file that `mark` has made. */
  const script = (text: string): string[] => ["-c", text];
  const load = (more: object = {}): Promise<TestFlow> =>
    loadFlow({ step: { ...step, ...more }, outputs: 2, ...local.accounts });
  async function run(text: string, more: object = {}, runId = `several ${Math.random()}`): Promise<TestFlow> {
    const flow = await load(more);
    flow.receive({ runId, ec2: { instanceIds: ids }, args: script(text) });
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    return flow;
  }
  /** Fails on the instances with these numbers. */
  const failOn = (...numbers: number[]): string =>
    `case $(pwd) in ${numbers.map((number) => `*${ids[number]}*) echo broken >&2; exit 3;;`).join(" ")} *) echo fine;; esac`;

  it("returns the result of each instance", async () => {
    const flow = await run("echo on $(basename $(pwd))");
    const ssm = result<SsmResult>(flow, "ssm");
    deepEqual(
      ssm.invocations.map(({ instanceId, exitCode, stdout }) => [instanceId, exitCode, stdout]),
      ids.map((id) => [id, 0, `on ${id}\n`]),
    );
    deepEqual(ssm.failed, []);
  });

  it("names the instances on which it has failed, with the reason of each, and keeps the results of all", async () => {
    const flow = await run(failOn(1, 3), {}, "two of five");
    equal(flow.caught.length, 1);
    const { code, message = "" } = flow.caught[0]?.error ?? {};
    equal(code, "SSM_COMMAND_FAILED");
    match(message, /^\/bin\/sh: 2 of 5 failed\./);
    for (const number of [1, 3]) {
      match(message, new RegExp(`on instance ${ids[number]} ended with exit code 3`));
    }
    equal(flow.sent[0]?.length, 0);
    const ssm = result<SsmResult>(flow, "ssm", 1);
    deepEqual(ssm.failed, [ids[1], ids[3]]);
    deepEqual(
      ssm.invocations.map(({ exitCode }) => exitCode),
      [0, 3, 0, 3, 0],
    );
    const log = runs.get("two of five")?.steps[0]?.log?.map(({ text }) => text) ?? [];
    deepEqual(log.filter((text) => text.startsWith("stdout of")).sort(), ids.map((id) => `stdout of ${id}:`).sort());
  });

  it("is not sent to the others after too many errors, one at a time", async () => {
    const flow = await run(failOn(0, 1), { maxConcurrency: "1", maxErrors: "1" });
    const ssm = result<SsmResult>(flow, "ssm", 1);
    deepEqual(
      ssm.invocations.map(({ statusDetails }) => statusDetails),
      ["Failed", "Failed", "Terminated", "Terminated", "Terminated"],
    );
    equal(ssm.exitCode, 3);
    const { code, message = "" } = flow.caught[0]?.error ?? {};
    equal(code, "SSM_COMMAND_FAILED");
    match(message, /: 2 of 5 failed, it never ran on 3 of 5\.\n.*AWS ended it after errors on other instances/s);
  });

  it("refuses a number or percentage that SSM does not accept, before anything is sent", async () => {
    const before = local.sandbox.events.list({ kind: "command" }).length;
    const flow = await run("true", { maxConcurrency: "many" });
    match(flow.caught[0]?.error.message ?? "", /must be a number, such as 2, or a percentage/);
    equal(local.sandbox.events.list({ kind: "command" }).length, before);
  });

  it("is canceled on all instances, also where it waits for its turn, if the run is aborted", async () => {
    const flow = await load({ maxConcurrency: "2" });
    flow.receive({
      runId: "abort on all",
      ec2: { instanceIds: ids },
      args: script("touch /home/ubuntu/began; while true; do sleep 0.05; done"),
    });
    await until(() => [0, 1].every((index) => existsSync(file(index, "began"))));
    await runs.abort("abort on all", "a test requested it.");
    await flow.until(() => flow.caught.length > 0);
    await until(() => {
      const seen = local.sandbox.events.list({ kind: "invocation" }).slice(-7);
      return seen.filter(({ status }) => status === "Cancelled").length === 5;
    });
    deepEqual(
      ids.map((_id, index) => existsSync(file(index, "began"))),
      [true, true, false, false, false],
    );
  });

  it("continues after a deploy: it is sent once, and the results of all are complete", async () => {
    const before = local.sandbox.events.list({ kind: "command" }).length;
    const msg = {
      runId: "several deployed",
      ec2: { instanceIds: ids },
      args: script("while [ ! -e /home/ubuntu/go ]; do sleep 0.05; done; echo done"),
    };
    (await load()).receive(msg);
    await until(() => local.sandbox.events.list({ kind: "command" }).length === before + 1);
    await helper.unload();
    const flow = await load();
    await run5("touch /home/ubuntu/go");
    await flow.until(() => flow.completed.length > 0);
    deepEqual(
      result<SsmResult>(flow, "ssm").invocations.map(({ stdout }) => stdout),
      ids.map(() => "done\n"),
    );
    equal(local.sandbox.events.list({ kind: "command" }).length, before + 2);

    async function run5(text: string): Promise<void> {
      const { sendScript } = await import("../../../src/services/ssm/send-script.ts");
      const { region, credentials, endpoints } = local.sandbox;
      await sendScript({
        ssm: new SSMClient({ region, credentials, endpoint: endpoints.aws }),
        instanceIds: ids,
        script: "/bin/sh",
        args: script(text),
        executionTimeoutSeconds: 60,
        deliveryTimeoutSeconds: 60,
        signal: new AbortController().signal,
      });
    }
  });

  it("reports the instance that was lost, and ends when the script has ended on the others", async () => {
    const flow = await load();
    flow.receive({
      runId: "one is lost",
      ec2: { instanceIds: ids },
      args: script(`case $(pwd) in *${ids[2]}*) touch /home/ubuntu/here; sleep 60;; esac; echo ended`),
    });
    await until(() => existsSync(file(2, "here")));
    runs.broadcast({ kind: "instances-lost", instanceIds: [ids[2] ?? ""], state: "stopped" });
    await ec2.send(new StopInstancesCommand({ InstanceIds: [ids[2] ?? ""] }));
    await flow.until(() => flow.caught.length > 0);
    const { code, message = "" } = flow.caught[0]?.error ?? {};
    equal(code, "EC2_INSTANCE_LOST");
    match(message, /1 of 5 failed/);
    deepEqual(result<SsmResult>(flow, "ssm", 1).failed, [ids[2]]);
  });
});
