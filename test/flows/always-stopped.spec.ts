import { equal, match } from "node:assert/strict";
import { EC2Client, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { commandRun } from "../../scripts/local/run-command.ts";
import { until } from "../nodes/support/until.ts";
import { stepOf } from "./support/pipeline.ts";
import { type FlowNode, isOver } from "./support/restarts.ts";
import { COMMAND, change, SELECT, START, STOP, useWatchedInstance } from "./support/watched-instance.ts";

describe("the instance of a run is always stopped", () => {
  const { restarts, start, isOff, log, hasWarned } = useWatchedInstance();

  for (const [what, edit] of Object.entries({
    "ec2 stop is deleted": (nodes: FlowNode[]) => nodes.filter(({ type }) => type !== STOP),
    "ec2 stop is disabled": change(STOP, { d: true }),
    "the account of ec2 stop is deleted": (nodes: FlowNode[]) =>
      nodes.filter(({ type }) => type !== "lightly-aws-account"),
  })) {
    it(`is stopped when ${what} before the selection is over`, async () => {
      await start();
      const selecting = await restarts.untilWorking();
      await restarts.deploy(edit, "nodes");
      await commandRun(restarts.url, selecting.runId, "abort");
      await restarts.untilRun(selecting.runId, isOver);
      await until(isOff);
      equal(hasWarned(/may still run/), false);
    });
  }

  describe("when no worker is running on it", () => {
    it("is stopped after a script that has started no worker", async () => {
      await start(change(SELECT, { workerTimeoutMinutes: "0.02" }));
      await withScript("true", async () => {
        const run = await restarts.untilRun(await restarts.trigger(), isOver);
        equal(run.error?.code, "LIGHTLY_NO_WORKER");
        equal(run.steps.filter(({ state }) => state === "failed").length, 1);
        await until(isOff);
      });
    });

    it("is stopped after such a script although another run waits for it, which then ends too", async () => {
      await start(change(SELECT, { workerTimeoutMinutes: "0.02" }));
      await withScript("true", async () => {
        for (const runId of [await restarts.trigger(), await restarts.trigger()]) {
          equal((await restarts.untilRun(runId, isOver)).error?.code, "LIGHTLY_NO_WORKER");
        }
        await until(isOff);
      });
    });

    it("is stopped after such scripts of two runs that share it, which both end", async () => {
      const share = change(START, { onBusy: "share" });
      await start((nodes) => change(SELECT, { workerTimeoutMinutes: "0.02" })(share(nodes)));
      await withScript("true", async () => {
        for (const runId of [await restarts.trigger(), await restarts.trigger()]) {
          equal((await restarts.untilRun(runId, isOver)).error?.code, "LIGHTLY_NO_WORKER");
        }
        await until(isOff);
      });
    });

    it("ends its run immediately when it is force-stopped during the script, and the next run continues", async () => {
      await start();
      const { runId } = await restarts.untilWorking();
      const InstanceIds = [restarts.sandbox.instanceId];
      await ec2((client) => client.send(new StopInstancesCommand({ InstanceIds, Force: true })));
      const run = await restarts.untilRun(runId, isOver);
      match(run.error?.code ?? "", /^(EC2_INSTANCE_LOST|LIGHTLY_WORKER_ENDED)$/);
      equal(run.steps.filter(({ state }) => state === "failed").length, 1);
      restarts.sandbox.faults.clear();
      const next = await restarts.untilRun(await restarts.trigger(), isOver);
      equal(next.state, "completed");
      equal(await isOff(), true);
    });
  });

  it("is lost when it is stopped during the script, although the script fails first", async () => {
    await start((nodes) => {
      const withoutSelection = nodes.filter(({ type }) => type !== SELECT);
      // Its state is polled every 30 s only.
      const rarely = change(START, { pollSeconds: "5" })(withoutSelection);
      return change(COMMAND, { waitFor: "ended" })(rarely);
    });
    await withScript("sleep 60", async () => {
      const runId = await restarts.trigger();
      await restarts.untilRun(runId, (one) => stepOf(one, COMMAND)?.progress?.state === "InProgress");
      await ec2((client) => client.send(new StopInstancesCommand({ InstanceIds: [restarts.sandbox.instanceId] })));
      const run = await restarts.untilRun(runId, isOver);
      equal(run.error?.code, "EC2_INSTANCE_LOST");
      equal(run.steps.filter(({ state }) => state === "failed").length, 1);
    });
  });

  describe("when EC2 refuses to stop it", () => {
    it("is stopped as soon as possible, without a report that it may still be running", async () => {
      await start();
      restarts.sandbox.faults.add({
        service: "ec2",
        operation: "StopInstances",
        kind: "status",
        status: 403,
        code: "UnauthorizedOperation",
        times: 3,
      });
      const run = await restarts.untilRun(await restarts.trigger(), isOver);
      equal(run.state, "completed");
      equal(await isOff(), true);
      equal(hasWarned(/may still run/), false);
    });

    it("is reported once, and stopped later", async () => {
      await start(change(STOP, { timeoutMinutes: "0.1" }));
      const id = restarts.sandbox.faults.add({
        service: "ec2",
        operation: "StopInstances",
        kind: "status",
        status: 400,
        code: "OperationNotPermitted",
      });
      restarts.sandbox.faults.workerCrash = true;
      const run = await restarts.untilRun(await restarts.trigger(), (one) => stepOf(one, STOP)?.state === "failed");
      equal(stepOf(run, STOP)?.error?.code, "EC2_STOP_PROTECTED");
      equal(run.error?.code, "LIGHTLY_RUN_CRASHED");
      await until(() => hasWarned(/the instance may still run/));
      await restarts.untilRun(run.runId, ({ endedAt }) => endedAt !== undefined);
      equal(log().filter((line) => /the instance may still run/.test(line)).length, 1);
      equal(await isOff(), false);
      restarts.sandbox.faults.remove(id);
      await until(isOff);
      await until(() => hasWarned(/was stopped/));
    });
  });

  it("is free for the next run when it is stopped, although the previous run is still active elsewhere", async () => {
    await start((nodes) => {
      const stop = nodes.find(({ type }) => type === STOP);
      return [
        ...nodes.map((node) => (node === stop ? { ...node, wires: [[...(node.wires?.[0] ?? []), "drops"]] } : node)),
        {
          id: "drops",
          type: "switch",
          z: stop?.z,
          property: "payload",
          propertyType: "msg",
          rules: [{ t: "null" }],
          outputs: 1,
          wires: [["never"]],
        },
        { ...stop, id: "never", name: "never", wires: [[]] },
      ] as FlowNode[];
    });
    const first = await restarts.trigger();
    await restarts.untilRun(first, (run) => stepOf(run, STOP)?.state === "completed");
    const second = await restarts.untilRun(await restarts.trigger(), (run) => stepOf(run, STOP)?.state === "completed");
    equal(second.error, undefined);
    equal((await restarts.run(first)).endedAt, undefined, "it waits for a message that the switch has dropped");
  });

  async function ec2(work: (client: EC2Client) => Promise<unknown>): Promise<void> {
    const { region, credentials, endpoints } = restarts.sandbox;
    const client = new EC2Client({ region, credentials, endpoint: endpoints.aws });
    await work(client).finally(() => client.destroy());
  }

  async function withScript(text: string, work: () => Promise<void>): Promise<void> {
    const { readFile, writeFile } = await import("node:fs/promises");
    const file = `${restarts.sandbox.instanceDir}/home/ubuntu/run.sh`;
    const original = await readFile(file, "utf8");
    await writeFile(file, text);
    await work().finally(() => writeFile(file, original));
  }
});
