import { deepEqual, equal, match, ok } from "node:assert/strict";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { runs } from "../../../src/runs/run-registry.ts";
import { createLightlyClient } from "../../../src/services/lightly/client/lightly-client.ts";
import { cancelRun } from "../../../src/services/lightly/runs/cancel-run.ts";
import { listScheduledRuns } from "../../../src/services/lightly/runs/find-scheduled-runs.ts";
import { HANG_MS } from "../../support/limits.ts";
import { helper, loadFlow, result, type TestFlow, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";
import { workOnce } from "../support/worker.ts";

interface LightlyResult {
  readonly datasetId: string;
  readonly scheduledRunId: string;
  readonly workerRunId?: string;
  readonly state: string;
  readonly endState: string;
}

describe("the lightly-run node", () => {
  useNodeRed();
  const local = useSandbox();
  let dataset = 0;

  const step = () => {
    dataset += 1;
    return { ...selectVideos, datasetName: `dataset ${dataset}` };
  };

  const selectVideos = {
    type: "lightly-run",
    account: "lightly",
    datasetNameType: "str",
    inputType: "Videos",
    access: "role",
    inputUri: "s3://lightly-input/videos/",
    inputUriType: "str",
    lightlyUri: "s3://lightly-output/lightly/",
    lightlyUriType: "str",
    region: "eu-central-1",
    regionType: "str",
    roleArn: "arn:aws:iam::123456789012:role/lightly-access",
    roleArnType: "str",
    externalId: "sandbox-external-id",
    externalIdType: "str",
    amount: "proportion",
    proportion: "0.1",
    timeoutHours: "1",
  };

  async function schedule(msg: Record<string, unknown> = {}, options: Record<string, unknown> = {}): Promise<TestFlow> {
    const flow = await loadFlow({ step: { ...step(), ...options }, outputs: 3, ...local.accounts });
    flow.receive(msg);
    await flow.until(() => (flow.sent[2]?.length ?? 0) > 0);
    equal(flow.sent[2]?.[0]?.payload, "OPEN");
    return flow;
  }

  const client = () => createLightlyClient({ token: local.sandbox.token, server: local.sandbox.endpoints.lightly });
  const stateOf = async ({ datasetId, scheduledRunId }: LightlyResult): Promise<string | undefined> => {
    const found = await listScheduledRuns({ client: client(), datasetId, signal: AbortSignal.timeout(HANG_MS) });
    return found.find(({ id }) => id === scheduledRunId)?.state;
  };

  it("schedules a run, waits for it and sends it on the first output, with its states on the third", async () => {
    const flow = await schedule({ topic: "kept" });
    await workOnce(local.sandbox);
    await flow.until(() => flow.completed.length > 0);
    const lightly = result<LightlyResult>(flow, "lightly");
    equal(lightly.state, "COMPLETED");
    equal(lightly.endState, "COMPLETED");
    match(lightly.workerRunId ?? "", /^[a-f0-9]{24}$/);
    equal(result<string>(flow, "topic"), "kept");
    deepEqual(flow.sent[1], []);
    deepEqual(flow.caught, []);
    equal(flow.statuses.at(-1)?.fill, "green");
    equal(runs.list().at(-1)?.steps[0]?.phases?.[0]?.name, "OPEN", "the states are the phases of the step");
  });

  it("sends a failed run on the second output, with its state and message", async () => {
    const selection = JSON.stringify({
      nSamples: 1,
      strategies: [{ input: { type: "SCORES", task: "t", score: "s" }, strategy: { type: "WEIGHTS" } }],
    });
    const flow = await schedule({}, { amount: "json", selection, selectionType: "json" });
    await workOnce(local.sandbox, "stand-in");
    await flow.until(() => flow.completed.length > 0);
    const lightly = result<LightlyResult & { message: string }>(flow, "lightly", 1);
    equal(lightly.endState, "FAILED");
    match(lightly.message, /SCORES/);
    deepEqual(flow.sent[0], []);
    deepEqual(flow.caught, []);
    equal(flow.statuses.at(-1)?.fill, "red");
    const { state, error } = runs.list().at(-1) ?? {};
    deepEqual([state, error?.code], ["failed", "LIGHTLY_RUN_FAILED"]);
  });

  it("schedules the strategies of its list, with the number of frames", async () => {
    const strategies = [
      { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY", stopping_condition_minimum_distance: 0.1 } },
      { input: { type: "RANDOM", randomSeed: 7 }, strategy: { type: "WEIGHTS", strength: 0.5 } },
    ];
    const flow = await schedule({}, { amount: "number", count: "3", strategies });
    const scheduled = result<LightlyResult & { configId: string }>(flow, "lightly", 2);
    const path = `/v1/docker/worker/config/vX/${scheduled.configId}`;
    const { text } = await client().request({ method: "GET", path, signal: AbortSignal.timeout(HANG_MS) });
    deepEqual(JSON.parse(text).config.selection, {
      nSamples: 3,
      strategies,
      autoTasks: [],
    });
    await cancelRun({ client: client(), ...scheduled, signal: AbortSignal.timeout(HANG_MS) });
  });

  it("records the datasources that it has set for later steps, and none if it has set none", async () => {
    const noted = async (runId: string, options: Record<string, unknown>): Promise<unknown> => {
      const flow = await schedule({ runId }, options);
      flow.receive({ cancel: true });
      await flow.until(() => (flow.sent[1]?.length ?? 0) > 0);
      return runs.find(runId).steps[0]?.checkpoint?.datasources;
    };
    const places = ["s3://lightly-input/videos/", "s3://lightly-output/lightly/"];
    deepEqual(await noted("notes datasources", {}), places);
    await helper.unload();
    equal(await noted("notes none", { access: "existing", datasetName: `dataset ${dataset}` }), undefined);
  });

  it("fails before it schedules anything if Lightly can't use the buckets, unless the worker is told not to verify", async () => {
    const wrongRegion = { ...step(), region: "us-east-1" };
    const flow = await loadFlow({ step: wrongRegion, outputs: 3, ...local.accounts });
    flow.receive({});
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "LIGHTLY_DATASOURCE_DENIED");
    const message = flow.caught[0]?.error.message ?? "";
    for (const named of [
      "s3://lightly-input/videos/",
      "s3://lightly-output/lightly/",
      wrongRegion.roleArn,
      "us-east-1",
    ]) {
      ok(message.includes(named), `${named} is not in ${message}`);
    }
    ok(!message.includes(wrongRegion.externalId));
    deepEqual(flow.sent.flat(), []);
    await helper.unload();
    const bypassed = await schedule({}, { region: "us-east-1", workerConfig: '{"datasource":{"bypassVerify":true}}' });
    bypassed.receive({ cancel: true });
    await bypassed.until(() => (bypassed.sent[1]?.length ?? 0) > 0);
  });

  it("refuses a strategy that its input does not support before anything is sent", async () => {
    const strategies = [{ input: { type: "RANDOM" }, strategy: { type: "DIVERSITY" } }];
    const flow = await loadFlow({ step: { ...step(), strategies }, outputs: 3, ...local.accounts });
    flow.receive({});
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "LIGHTLY_SELECTION_INVALID");
    match(flow.caught[0]?.error.message ?? "", /WEIGHTS, THRESHOLD for an input of RANDOM/);
    deepEqual(flow.sent.flat(), []);
  });

  it("cancels its Lightly run for msg.cancel, and reports that on the second output", async () => {
    const flow = await schedule();
    flow.receive({ cancel: true });
    await flow.until(() => (flow.sent[1]?.length ?? 0) > 0);
    const lightly = result<LightlyResult>(flow, "lightly", 1);
    equal(lightly.state, "CANCELED");
    equal(await stateOf(lightly), "CANCELED");
    deepEqual(flow.caught, []);
  });

  it("does not cancel other runs if msg.cancel names one", async () => {
    const flow = await schedule({ runId: "mine" });
    flow.receive({ cancel: true, runId: "another-run" });
    await workOnce(local.sandbox);
    await flow.until(() => (flow.sent[0]?.length ?? 0) > 0);
    equal(result<LightlyResult>(flow, "lightly").endState, "COMPLETED");
  });

  it("cancels its scheduled run when another step of the run fails, without a second error", async () => {
    const flow = await schedule({ runId: "failing" });
    const upload = runs.begin("failing", {
      nodeId: "u",
      type: "lightly-s3-upload",
      role: "upload",
      name: "upload",
      alwaysRuns: false,
    });
    upload.fail(new PipelineError("S3_ACCESS_DENIED", "No."));
    await flow.until(() => (flow.sent[1]?.length ?? 0) > 0);
    equal(await stateOf(result<LightlyResult>(flow, "lightly", 1)), "CANCELED");
    deepEqual(flow.caught, []);
    equal(runs.get("failing")?.error?.code, "S3_ACCESS_DENIED");
  });

  it("fails if the worker's command has failed before the end of the run, and reports the end of the worker's output", async () => {
    const flow = await schedule({ runId: "dying" });
    const worker = runs.begin("dying", {
      nodeId: "w",
      type: "lightly-ssm-run-script",
      role: "command",
      name: "worker",
      alwaysRuns: false,
    });
    worker.events.emit({ kind: "command-started", instanceId: "i-1", commandId: "c" });
    worker.events.emit({
      kind: "command-ended",
      instanceId: "i-1",
      commandId: "c",
      succeeded: false,
      summary: "The script ended with exit code 125: no such image.",
    });
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "LIGHTLY_WORKER_ENDED");
    match(flow.caught[0]?.error.message ?? "", /exit code 125: no such image/);
    deepEqual(flow.sent.slice(0, 2).flat(), []);
    worker.complete({});
  });

  it("continues to wait if one of two workers has failed, or a script has only started its worker in the background", async () => {
    const flow = await schedule({ runId: "two" });
    const worker = runs.begin("two", {
      nodeId: "w",
      type: "lightly-ssm-run-script",
      role: "command",
      name: "worker",
      alwaysRuns: false,
    });
    for (const commandId of ["a", "b"]) {
      worker.events.emit({ kind: "command-started", instanceId: "i-1", commandId });
    }
    worker.events.emit({ kind: "command-ended", instanceId: "i-1", commandId: "a", succeeded: false, summary: "x" });
    worker.events.emit({ kind: "command-ended", instanceId: "i-1", commandId: "b", succeeded: true, summary: "x" });
    await workOnce(local.sandbox);
    await flow.until(() => flow.completed.length > 0);
    equal(result<LightlyResult>(flow, "lightly").endState, "COMPLETED");
    worker.complete({});
  });

  it("fails if the worker's instance is stopped before a worker has taken the run, for any end of its script", async () => {
    const flow = await schedule({ runId: "stopped under it" });
    const identity = {
      nodeId: "w",
      type: "lightly-ssm-run-script",
      role: "command",
      name: "worker",
      alwaysRuns: false,
    } as const;
    const worker = runs.begin("stopped under it", identity);
    worker.events.emit({ kind: "command-started", instanceId: "i-1", commandId: "c" });
    worker.events.emit({ kind: "command-ended", instanceId: "i-1", commandId: "c", succeeded: true, summary: "x" });
    worker.events.emit({ kind: "instances-stopped", instanceIds: ["i-2"] });
    worker.events.emit({ kind: "instances-stopped", instanceIds: ["i-1"] });
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "LIGHTLY_WORKER_ENDED");
    match(flow.caught[0]?.error.message ?? "", /still OPEN.*instance was stopped: i-1/);
    worker.complete({});
  });

  it("fails if its instance is lost before the script has started, but not while another instance of the run is running", async () => {
    const flow = await schedule({ runId: "lost instance" });
    const starting = runs.begin("lost instance", {
      nodeId: "s",
      type: "lightly-ec2-start",
      role: "start",
      name: "start",
      alwaysRuns: false,
    });
    starting.events.emit({ kind: "instances-started", instanceIds: ["i-1", "i-2"] });
    starting.events.emit({ kind: "instances-lost", instanceIds: ["i-1"], state: "stopped" });
    // Started again: the earlier loss no longer counts.
    starting.events.emit({ kind: "instances-started", instanceIds: ["i-1"] });
    starting.events.emit({ kind: "instances-lost", instanceIds: ["i-2"], state: "stopped" });
    starting.events.emit({ kind: "instances-lost", instanceIds: ["i-1"], state: "terminated" });
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "EC2_INSTANCE_LOST");
    // The state of the last instance.
    match(flow.caught[0]?.error.message ?? "", /i-1, i-2 is terminated/);
    starting.complete({});
  });

  it("fails at its time limit, and cancels the scheduled run", async () => {
    const flow = await loadFlow({ step: { ...step(), timeoutHours: "0.00005" }, outputs: 3, ...local.accounts });
    flow.receive({});
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "TIMED_OUT");
    const progress = flow.sent[2]?.[0]?.lightly as LightlyResult;
    equal(await stateOf(progress), "CANCELED");
  });

  it("does not cancel the scheduled run at a redeploy", async () => {
    const flow = await schedule();
    const progress = flow.sent[2]?.[0]?.lightly as LightlyResult;
    await helper.clearFlows();
    equal(await stateOf(progress), "OPEN");
    deepEqual(flow.caught, []);
    await cancelRun({ client: client(), ...progress, signal: AbortSignal.timeout(HANG_MS) });
  });

  it("reports that Lightly does not accept the token, without repeating it", async () => {
    const { others, credentials } = local.accounts;
    const flow = await loadFlow({
      step: step(),
      outputs: 3,
      others,
      credentials: { ...credentials, lightly: { token: "not-the-token-at-all" } },
    });
    flow.receive({});
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "LIGHTLY_UNAUTHORIZED");
    ok(!JSON.stringify([flow.caught, flow.statuses]).includes("not-the-token-at-all"));
  });

  it("does not mix two simultaneous messages", async () => {
    const flow = await loadFlow({
      step: { ...step(), datasetName: "set", datasetNameType: "msg" },
      outputs: 3,
      ...local.accounts,
    });
    flow.receive({ set: "first of two" });
    flow.receive({ set: "second of two" });
    await flow.until(() => new Set(flow.sent[2]?.map((msg) => msg.set)).size === 2);
    await workOnce(local.sandbox);
    await workOnce(local.sandbox);
    await flow.until(() => flow.completed.length === 2);
    for (const msg of flow.sent[0] ?? []) {
      equal((msg.lightly as { datasetName: string }).datasetName, msg.set);
    }
  });
});
