import { deepEqual, equal, ok } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EC2Client, RunInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { until } from "../nodes/support/until.ts";
import { buttonsOf, isDone, withVariable } from "./support/buttons.ts";
import { stepOf, usePipeline } from "./support/pipeline.ts";

const BUTTON = "run on the pool";

describe("the example with a pool of instances", () => {
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "instant", flow: "pool.json" });
  const buttons = buttonsOf(pipeline);
  const states = (): string[] => pipeline.stack.sandbox.record.instances().map(({ state }) => state);

  /** Registers a worker for the script of an instance, as a user does: workers with the same id disturb each other. */
  async function giveWorker(instanceId: string): Promise<void> {
    const script = join(pipeline.userDir, "../sandbox/instances", instanceId, "home/ubuntu/run.sh");
    const text = await readFile(script, "utf8");
    const [, token] = /LIGHTLY_TOKEN=(\S+)/.exec(text) ?? [];
    const answer = await fetch(`${pipeline.stack.sandbox.endpoints.lightly}/v1/docker/worker`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ name: instanceId, workerType: "FULL", labels: ["gpu"] }),
    });
    const { id } = (await answer.json()) as { id: string };
    await writeFile(script, `# the worker of this instance\n${text.replace(/worker_id=\S+/, `worker_id=${id}`)}`);
  }

  it("selects with the instance of the sandbox, and stops it", async () => {
    const run = await buttons.runOf(() => buttons.press(BUTTON), isDone);
    equal(run.state, "completed", JSON.stringify(run.error));
    deepEqual(
      pipeline.stack.sandbox.record.scheduledRuns().map(({ runsOn }) => runsOn),
      [["gpu"]],
    );
    deepEqual(states(), ["stopped"]);
  });

  it("starts as many of the tagged instances as the flow says before the upload ends, and stops those", async () => {
    const { endpoints, credentials, region, faults } = pipeline.stack.sandbox;
    const ec2 = new EC2Client({ endpoint: endpoints.aws, region, credentials });
    const Tags = [{ Key: "Name", Value: "lightly-worker" }];
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({
        ...{ ImageId: "ami-0123456789abcdef0", MinCount: 2, MaxCount: 2 },
        TagSpecifications: [{ ResourceType: "instance", Tags }],
      }),
    );
    const InstanceIds = Instances.flatMap(({ InstanceId = "" }) => InstanceId);
    await until(() => states().filter((state) => state === "running").length === 2);
    await ec2.send(new StopInstancesCommand({ InstanceIds }));
    await until(() => states().every((state) => state === "stopped"));
    ec2.destroy();
    await Promise.all(InstanceIds.map(giveWorker));
    await buttons.deploy((node) => withVariable(node, "POOL_SIZE", "2", "num"));
    faults.add({ service: "s3", operation: "PutObject", kind: "latency", latencyMs: 4000, times: 1 });
    const run = await buttons.runOf(() => buttons.press(BUTTON), isDone);
    equal(run.state, "completed", JSON.stringify(run.error));
    const [upload, start, script] = ["s3-upload", "ec2-start", "ssm-run-script"].map((type) =>
      stepOf(run, `lightly-${type}`),
    );
    ok((start?.startedAt ?? 0) < (upload?.endedAt ?? 0), "the start does not wait for the upload");
    const { invocations = [] } = (script?.result?.ssm ?? {}) as { invocations?: Array<{ instanceId: string }> };
    const used = invocations.map(({ instanceId }) => instanceId).sort();
    equal(used.length, 2);
    deepEqual(((start?.checkpoint?.instanceIds ?? []) as string[]).toSorted(), used);
    deepEqual(states(), ["stopped", "stopped", "stopped"]);
  });
});
