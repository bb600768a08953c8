import { deepEqual, equal, match } from "node:assert/strict";
import { DescribeInstancesCommand, EC2Client, StopInstancesCommand } from "@aws-sdk/client-ec2";
import type { RunRecord, StepRecord } from "../../../src/records/run-record.ts";
import { runs } from "../../../src/runs/run-registry.ts";
import type { Step } from "../../../src/runs/steps/step.ts";
import type { StartedInstances } from "../../../src/services/ec2/start-instances.ts";
import { upload, worker } from "../../runs/fake-flow.ts";
import { helper, loadFlow, result, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";
import { until } from "../support/until.ts";

const ID = "i-0123456789abcdef0";
const MIB = 2 ** 20;
const start = {
  type: "lightly-ec2-start",
  account: "aws",
  select: "ids",
  instanceIds: ID,
  instanceIdsType: "str",
  waitFor: "online",
  pollSeconds: "0.02",
  startWhen: "upload",
  leadSeconds: "30",
};
const stop = { ...start, type: "lightly-ec2-stop", id: "stopping", z: "tab", waitFor: "stopped", wires: [[]] };

describe("lightly-ec2-start before the end of an upload", () => {
  useNodeRed();
  const local = useSandbox();
  let uploading: Step;

  const ec2 = (): EC2Client => {
    const { endpoints, credentials, region } = local.sandbox;
    return new EC2Client({ endpoint: endpoints.aws, region, credentials });
  };
  const stateOf = async (): Promise<string | undefined> => {
    const { Reservations } = await ec2().send(new DescribeInstancesCommand({ InstanceIds: [ID] }));
    return Reservations?.[0]?.Instances?.[0]?.State?.Name;
  };
  const recordOf = (runId: string): StepRecord | undefined =>
    runs.get(runId)?.steps.find(({ role }) => role === "start") as StepRecord | undefined;
  const phaseOf = (runId: string): string | undefined => recordOf(runId)?.phases?.at(-1)?.name;
  const secondsLeft = (seconds: number): void =>
    uploading.progress({ loadedBytes: MIB, totalBytes: (1 + seconds) * MIB, bytesPerSecond: MIB });

  async function begin(runId: string, step: object = start) {
    uploading = runs.begin(runId, { ...upload, nodeId: "uploading" });
    const flow = await loadFlow({
      step: step as typeof start,
      ...local.accounts,
      others: [...local.accounts.others, stop],
    });
    flow.receive({ runId });
    await until(() => phaseOf(runId) === "uploading");
    return flow;
  }
  /** Stops the instance for the next test. */
  async function end(runId: string): Promise<void> {
    helper.getNode("stopping").receive({ runId } as never);
    await until(async () => (await stateOf()) === "stopped");
  }

  it("starts the instance when the upload nears its end, and sends the message with its result", async () => {
    const flow = await begin("near");
    secondsLeft(31);
    equal(await stateOf(), "stopped");
    secondsLeft(29);
    await until(() => phaseOf("near") === "ready");
    equal(await stateOf(), "running");
    equal(flow.statuses.at(-1)?.text, "lightly-ec2-start.status.readyEarly");
    equal(flow.sent[0]?.length, 0);
    uploading.complete({ s3: { uri: "s3://bucket/video.mp4" } });
    await flow.until(() => flow.completed.length > 0);
    equal(result<StartedInstances>(flow, "ec2").instances[0]?.state, "running");
    deepEqual(result(flow, "s3"), { uri: "s3://bucket/video.mp4" });
    deepEqual(
      recordOf("near")?.phases?.map(({ name }) => name),
      ["uploading", "boot", "ready"],
    );
    await end("near");
  });

  it("learns from the start of an earlier run how early to start", async () => {
    const own = { ...start, leadSeconds: "" };
    const first = await begin("learned", own);
    secondsLeft(0);
    uploading.complete({});
    await first.until(() => first.completed.length > 0);
    await end("learned");
    // The instance of the sandbox needs less than two seconds.
    await helper.unload();
    const second = await begin("learning", own);
    secondsLeft(3600);
    equal(await stateOf(), "stopped");
    secondsLeft(0);
    await until(() => phaseOf("learning") === "ready");
    uploading.complete({});
    await second.until(() => second.completed.length > 0);
    await end("learning");
  });

  it("stops the instance if the upload fails, and informs Catch only of the upload", async () => {
    const flow = await begin("failing");
    secondsLeft(1);
    await until(() => phaseOf("failing") === "ready");
    const { PipelineError } = await import("../../../src/errors/pipeline-error.ts");
    uploading.fail(new PipelineError("S3_ACCESS_DENIED", "No."));
    await until(async () => (await stateOf()) === "stopped");
    await until(() => recordOf("failing")?.state === "aborted");
    deepEqual([flow.sent[0]?.length, flow.caught.length], [0, 0]);
  });

  it("starts nothing if the run is aborted during the upload", async () => {
    const flow = await begin("aborted");
    await runs.abort("aborted", "a test requested it.");
    await until(() => recordOf("aborted")?.state === "aborted");
    equal(await stateOf(), "stopped");
    equal(flow.sent[0]?.length, 0);
    uploading.drop();
  });

  it("starts an instance again that somebody has stopped meanwhile", async () => {
    const timers = (): number => local.sandbox.events.list({ kind: "shutdown" }).length;
    const before = timers();
    const flow = await begin("lost");
    secondsLeft(1);
    await until(() => phaseOf("lost") === "ready" && timers() === before + 1);
    await ec2().send(new StopInstancesCommand({ InstanceIds: [ID] }));
    await until(() => recordOf("lost")?.phases?.length === 4);
    equal(phaseOf("lost"), "uploading");
    equal(recordOf("lost")?.checkpoint?.leased, undefined);
    await until(async () => (await stateOf()) === "stopped");
    uploading.complete({});
    await flow.until(() => flow.completed.length > 0);
    equal(await stateOf(), "running");
    match(
      recordOf("lost")
        ?.log?.map(({ text }) => text)
        .join() ?? "",
      /stopped while it waited for an upload/,
    );
    await until(() => timers() === before + 2);
    await end("lost");
  });

  it("continues after a deploy while it waits, before and after the start", async () => {
    const step = { ...start, id: "step" };
    await begin("deployed", step);
    await redeploy();
    await until(() => recordOf("deployed")?.resumeCount === 1 && recordOf("deployed")?.state === "running");
    equal(await stateOf(), "stopped");
    secondsLeft(1);
    await until(() => phaseOf("deployed") === "ready");
    const flow = await redeploy();
    await until(() => recordOf("deployed")?.resumeCount === 2 && recordOf("deployed")?.state === "running");
    equal(flow.sent[0]?.length, 0);
    uploading.complete({ s3: { uri: "s3://bucket/video.mp4" } });
    await flow.until(() => flow.completed.length > 0);
    equal(flow.sent[0]?.length, 1);
    equal(startsOf(runs.get("deployed")), 1);
    await end("deployed");

    async function redeploy() {
      await helper.unload();
      return await loadFlow({ step, ...local.accounts, others: [...local.accounts.others, stop] });
    }
  });

  it("waits for its instance while another run uses it, and does not keep another run waiting after it has given it back", async () => {
    const flow = await begin("one");
    const other = runs.begin("two", { ...upload, nodeId: "uploading" });
    const working = runs.begin("two", worker);
    flow.receive({ runId: "two" });
    secondsLeft(1);
    await until(() => phaseOf("one") === "ready");
    other.complete({});
    await until(() => recordOf("two")?.progress?.state === "queued");
    await ec2().send(new StopInstancesCommand({ InstanceIds: [ID] }));
    await flow.until(() => flow.completed.length === 1);
    equal(recordOf("two")?.state, "completed");
    uploading.complete({});
    await until(() => recordOf("one")?.progress?.state === "queued");
    working.complete({});
    await flow.until(() => flow.completed.length === 2);
    await end("one");
  });
});

function startsOf(run: RunRecord | undefined): number {
  return run?.steps.filter(({ role }) => role === "start").length ?? 0;
}
