import { deepEqual, equal } from "node:assert/strict";
import { DescribeInstancesCommand, EC2Client, RunInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import type { RunRecord, StepRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { stepOf } from "./support/pipeline.ts";
import { type FlowNode, isCleanedUp, useRestarts } from "./support/restarts.ts";

describe("the pipeline on two of three instances with a tag", () => {
  const restarts = useRestarts({ worker: "instant", delays: { startMs: 500, onlineMs: 500 } });
  let ec2: EC2Client;
  let pool: string[];

  before(async () => {
    const { endpoints, credentials, region } = restarts.sandbox;
    ec2 = new EC2Client({ endpoint: endpoints.aws, region, credentials });
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({
        ...{ ImageId: "ami-0123456789abcdef0", MinCount: 3, MaxCount: 3 },
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Pool", Value: "gpu" }] }],
      }),
    );
    pool = Instances.flatMap(({ InstanceId = "" }) => InstanceId).sort();
    await until(async () => (await states()).every((state) => state === "running"));
    await ec2.send(new StopInstancesCommand({ InstanceIds: pool }));
    await until(areStopped);
  });

  const states = async (): Promise<string[]> => {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: pool }));
    return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ State }) => State?.Name ?? ""));
  };
  const areStopped = async (): Promise<boolean> => (await states()).every((state) => state === "stopped");
  const startOf = (run: RunRecord): StepRecord | undefined => stepOf(run, "lightly-ec2-start");
  const scripts = (): number =>
    restarts.sandbox.events.list({ kind: "command" }).filter(({ commands }) => !String(commands).startsWith("shutdown"))
      .length;

  async function begin() {
    const nodeRed = await restarts.start();
    await restarts.deploy((nodes) =>
      nodes.map((node): FlowNode => {
        switch (node.type) {
          case "lightly-ec2-start":
            return {
              ...node,
              ...{ select: "tags", tags: [{ key: "Pool", value: "gpu" }], desired: "2", desiredType: "num" },
            };
          case "lightly-ssm-run-script":
            return {
              ...node,
              ...{ instanceIds: "ec2.instanceIds", instanceIdsType: "msg", script: "/bin/sh", scriptType: "str" },
              ...{ args: JSON.stringify(["-c", "sleep 60"]), argsType: "json" },
            };
          case "lightly-ec2-stop":
            return { ...node, select: "run" };
          default:
            return node;
        }
      }),
    );
    return { nodeRed, runId: await restarts.trigger() };
  }

  it("uses the same ones after Node-RED was killed while they were starting, sends one script, and stops them after an abort", async () => {
    const before = scripts();
    const { nodeRed, runId } = await begin();
    await restarts.untilRun(runId, (run) => startOf(run)?.phases?.at(-1)?.name === "boot");
    await nodeRed.kill();
    await restarts.start();
    const running = await restarts.untilRun(
      runId,
      (run) => stepOf(run, "lightly-ssm-run-script")?.progress?.state === "InProgress",
    );
    deepEqual(startOf(running)?.checkpoint?.instanceIds, pool.slice(0, 2));
    equal(startOf(running)?.resumeCount, 1);
    await fetch(`${restarts.url}/lightly-pipeline/runs/${runId}/abort`, { method: "POST" });
    const run = await restarts.untilRun(runId, isCleanedUp);
    equal(run.state, "aborted");
    equal(scripts(), before + 1);
    await until(areStopped);
  });

  it("stops all of them after the kill of Node-RED if its flow has lost ec2 stop", async () => {
    const { nodeRed, runId } = await begin();
    await restarts.untilRun(runId, (run) => startOf(run)?.phases?.at(-1)?.name === "boot");
    await nodeRed.kill();
    await restarts.editFlow((nodes) =>
      nodes.filter(({ type }) => !["lightly-ec2-stop", "lightly-ec2-start"].includes(type)),
    );
    await restarts.start();
    await until(areStopped);
  });
});
