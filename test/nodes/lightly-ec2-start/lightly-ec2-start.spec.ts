import { deepEqual, equal, match } from "node:assert/strict";
import { runs } from "../../../src/runs/run-registry.ts";
import type { StartedInstances } from "../../../src/services/ec2/start-instances.ts";
import type { StoppedInstances } from "../../../src/services/ec2/stop-instances.ts";
import { helper, loadFlow, result, useNodeRed } from "../support/flow.ts";
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
  pollSeconds: "0.02",
};
const stop = { ...start, type: "lightly-ec2-stop", waitFor: "stopped" };

describe("the lightly-ec2-start and lightly-ec2-stop nodes", () => {
  useNodeRed();
  const local = useSandbox();

  it("starts an instance, waits until its agent is online, and stops it again", async () => {
    const starting = await loadFlow({ step: start, ...local.accounts });
    starting.receive({ topic: "kept" });
    await starting.until(() => starting.completed.length > 0);
    const [msg] = starting.sent[0] ?? [];
    deepEqual(msg?.payload, [ID]);
    equal(msg?.topic, "kept");
    const { instances } = result<StartedInstances>(starting, "ec2");
    equal(instances[0]?.state, "running");
    equal(instances[0]?.wasRunning, false);
    equal(instances[0]?.name, "lightly-worker");

    const stopping = await (await reload(stop))();
    equal(result<StoppedInstances>(stopping, "ec2").instances[0]?.state, "stopped");
  });

  it("does not wait for a studio select of a parallel branch, which has nothing checked", async () => {
    const selecting = runs.begin("beside", {
      nodeId: "select",
      type: "lightly-studio-select",
      role: "select",
      name: "select frames",
      alwaysRuns: false,
    });
    const flow = await loadFlow({ step: start, ...local.accounts });
    flow.receive({ runId: "beside" });
    await flow.until(() => flow.completed.length > 0);
    deepEqual(flow.sent[0]?.[0]?.payload, [ID]);
    selecting.complete({});
  });

  it("finds the instance by its tags", async () => {
    const flow = await loadFlow({
      step: { ...stop, select: "tags", tags: [{ key: "Name", value: "lightly-worker" }] },
      ...local.accounts,
    });
    flow.receive({});
    await flow.until(() => flow.completed.length > 0);
    deepEqual(flow.sent[0]?.[0]?.payload, [ID]);
  });

  it("stops for a message from Catch too, and keeps its error", async () => {
    const flow = await loadFlow({ step: stop, ...local.accounts });
    flow.receive({ error: { message: "x", code: "S3_ACCESS_DENIED" } });
    await flow.until(() => flow.completed.length > 0);
    equal(result<{ code: string }>(flow, "error").code, "S3_ACCESS_DENIED");
  });

  it("names the instance that does not exist", async () => {
    const flow = await loadFlow({ step: { ...start, instanceIds: "i-0fffffffffffffff0" }, ...local.accounts });
    flow.receive({});
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "EC2_INSTANCE_NOT_FOUND");
    match(flow.caught[0]?.error.message ?? "", /i-0fffffffffffffff0/);
  });

  it("fails if AWS has no capacity within the time limit of the form", async () => {
    local.sandbox.faults.capacityMissing = 1000;
    const flow = await loadFlow({ step: { ...start, capacityTimeoutMinutes: "0" }, ...local.accounts });
    flow.receive({});
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "EC2_NO_CAPACITY");
    local.sandbox.faults.capacityMissing = 0;
  });

  it("reports an agent that is never online, with the usual reasons", async () => {
    local.sandbox.faults.neverOnline = true;
    const flow = await loadFlow({ step: { ...start, timeoutMinutes: "0.005" }, ...local.accounts });
    flow.receive({});
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "SSM_NOT_ONLINE");
    match(flow.caught[0]?.error.message ?? "", /AmazonSSMManagedInstanceCore/);
    local.sandbox.faults.neverOnline = false;
    await (await reload(stop))();
  });

  it("reports which run has stopped the instance while it was starting, and suspects no missing permission", async () => {
    local.sandbox.faults.neverOnline = true;
    const stopping = { ...stop, id: "stopping", z: "tab", onBusy: "stop", wires: [[]] };
    const accounts = { ...local.accounts, others: [...local.accounts.others, stopping] };
    const flow = await loadFlow({ step: { ...start, pollSeconds: "0.05" }, ...accounts });
    flow.receive({ runId: "starting" });
    await flow.until(() => flow.statuses.some(({ text }) => text.endsWith("connecting")));
    helper.getNode("stopping").receive({ runId: "other" } as never);
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "EC2_START_FAILED");
    match(flow.caught[0]?.error.message ?? "", /ec2 stop of the run other has stopped it while it was starting/);
    equal(flow.caught[0]?.error.message.includes("kms"), false);
    local.sandbox.faults.neverOnline = false;
  });

  it("no longer shows an instance as online that was stopped, and no longer one as stopped that was started", async () => {
    const stopping = { ...stop, id: "stopping", z: "tab", wires: [[]] };
    const accounts = { ...local.accounts, others: [...local.accounts.others, stopping] };
    const flow = await loadFlow({ step: start, ...accounts });
    const stopper = helper.getNode("stopping");
    const ofStop: unknown[] = [];
    stopper.status = (status) => ofStop.push(Object(status).text);
    const isOnline = (): boolean =>
      flow.statuses.at(-1)?.fill === "green" && flow.statuses.at(-1)?.text === "lightly-ec2-start.status.online";

    flow.receive({ runId: "first" });
    await flow.until(isOnline);
    stopper.receive({ runId: "first" } as never);
    await flow.until(() => flow.statuses.at(-1)?.fill === "grey");
    deepEqual(flow.statuses.at(-1), { fill: "grey", shape: "ring", text: "lightly-ec2-start.status.off" });
    await until(() => ofStop.at(-1) === "lightly-ec2-stop.status.stopped");

    flow.receive({ runId: "second" });
    await flow.until(isOnline);
    equal(ofStop.at(-1), undefined);
    await (await reload(stop))();
  });

  it("shows that an instance is stopping, and stopped later, where the step does not wait for that", async () => {
    await (await reload(start))();
    const flow = await (await reload({ ...stop, waitFor: "accepted" }))();
    await flow.until(() => flow.statuses.at(-1)?.text === "lightly-ec2-stop.status.stopped");
    equal(flow.statuses.at(-2)?.text, "lightly-ec2-stop.status.stopping");
  });

  /** Ends the flow of the test and runs another step once. */
  async function reload(step: typeof stop) {
    await helper.unload();
    const flow = await loadFlow({ step, ...local.accounts });
    return async () => {
      flow.receive({});
      await flow.until(() => flow.completed.length > 0);
      return flow;
    };
  }
});
