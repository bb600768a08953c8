import assert from "node:assert/strict";
import { createLightlyApi } from "../../src/worker/lightly-api.ts";
import { workUntilDone } from "../../src/worker/work-loop.ts";
import { type LightlyFixture, prepareDataset, schedule, startLightly, TOKEN } from "../lightly/lightly-fixture.ts";
import { type Cloud, startCloud, TEN_PERCENT } from "./cloud.ts";

const STATE_UPDATE = "PUT /v1/docker/runs/{runId}";
const LOG_UPDATE = "PUT /v1/docker/runs/{runId}/logs";
/** In instant mode a run has two states: STARTED and COMPLETED. */
const INSTANT = { SANDBOX_WORKER_MODE: "instant" };

describe("The end of a worker's run", () => {
  let cloud: Cloud;
  let dataset: string;
  let scheduled: string;

  beforeEach(async () => {
    cloud = await startCloud();
    dataset = await cloud.createDataset("ends");
    scheduled = await cloud.schedule(dataset, TEN_PERCENT);
  });
  afterEach(() => cloud.close());

  const runState = async (): Promise<string> => (await cloud.runOf(scheduled)).state;
  const applied = (): number => cloud.faults.list().reduce((sum, fault) => sum + fault.applied, 0);
  async function untilStruck(): Promise<void> {
    await cloud.runOf(scheduled, () => applied() > 0);
  }

  it("is COMPLETED if the API responds later than a stopped worker would wait", async () => {
    cloud.faults.add({ service: "lightly", operation: STATE_UPDATE, kind: "latency", latencyMs: 4500, after: 1 });
    cloud.faults.add({ service: "lightly", operation: LOG_UPDATE, kind: "latency", latencyMs: 4500, after: 1 });
    const worker = cloud.startWorker(INSTANT);
    assert.equal(await worker.exitCode, 0, worker.output());
    assert.equal(await runState(), "COMPLETED");
    assert.doesNotMatch(worker.output(), /CRASHED/);
  });

  it("is COMPLETED after an outage of the API that is longer than the retries of one request", async () => {
    cloud.faults.add({ service: "lightly", operation: STATE_UPDATE, kind: "status", status: 503, after: 1, times: 6 });
    const worker = cloud.startWorker(INSTANT);
    assert.equal(await worker.exitCode, 0, worker.output());
    assert.deepEqual([await runState(), applied()], ["COMPLETED", 6]);
  });

  it("is COMPLETED when the log cannot be written", async () => {
    cloud.faults.add({ service: "lightly", operation: LOG_UPDATE, kind: "status", status: 403 });
    const worker = cloud.startWorker(INSTANT);
    assert.equal(await worker.exitCode, 0, worker.output());
    assert.equal(await runState(), "COMPLETED");
  });

  for (const [signal, latencyMs] of [
    ["SIGTERM", 1500],
    ["SIGTERM", 6000],
    ["SIGKILL", 1500],
  ] as const) {
    it(`is COMPLETED if ${signal} ends the worker while the response takes ${latencyMs} ms`, async () => {
      cloud.faults.add({ service: "lightly", operation: STATE_UPDATE, kind: "latency", latencyMs, after: 1 });
      const worker = cloud.startWorker(INSTANT);
      await untilStruck();
      worker.child.kill(signal);
      await worker.exitCode;
      const run = await cloud.runOf(scheduled, ({ state }) => state !== "STARTED");
      assert.equal(run.state, "COMPLETED", worker.output());
    });
  }

  it("is FAILED, with the reason, when the datasource cannot be read as it is set up", async () => {
    const azure = { type: "AZURE", fullPath: "container/videos", accountName: "account", accountKey: "sig=abc" };
    await cloud.api("PUT", `/v1/datasets/${dataset}/datasource`, { purpose: "INPUT", ...azure });
    const worker = cloud.startWorker();
    assert.equal(await worker.exitCode, 1);
    const { state, message = "" } = await cloud.runOf(scheduled);
    assert.equal(state, "FAILED");
    assert.match(message, /reads S3 only; a datasource of type AZURE/);
  });

  it("is reported by the worker if the API refuses it permanently, and never as a crash", async () => {
    cloud.faults.add({ service: "lightly", operation: STATE_UPDATE, kind: "status", status: 403, after: 1 });
    const worker = cloud.startWorker(INSTANT);
    assert.equal(await worker.exitCode, 1);
    assert.match(worker.output(), /did not confirm that run [a-f0-9]{24} is COMPLETED: .* was answered 403/);
    assert.equal(applied(), 1, "no second state is reported");
  });
});

describe("A worker with late responses", () => {
  let lightly: LightlyFixture;
  let dataset: string;

  beforeEach(async () => {
    lightly = await startLightly();
    dataset = await prepareDataset(lightly);
  });
  afterEach(() => lightly.close());

  /** Processes one run in instant mode, and waits for each response only briefly. */
  async function work(): Promise<number> {
    const { signal } = new AbortController();
    const settings = { server: lightly.url, token: TOKEN, workerName: "patient", mode: "instant", pollMs: 10 } as const;
    const api = createLightlyApi({ ...settings, signal, timeoutMs: 100 });
    return await workUntilDone({ api, settings, signal, print: () => {} });
  }
  async function scheduleLast(): Promise<string> {
    const config = { workerType: "FULL", docker: { shutdownWhenJobFinished: true } };
    const { id: configId } = await lightly.expect(201, "POST", "/v1/docker/worker/config/vX", {
      version: "V4",
      config,
    });
    return await schedule(lightly, dataset, { configId });
  }
  const stateOf = async (id: string): Promise<string> =>
    (await lightly.expect(200, "GET", `/v1/docker/runs/schedule/${id}`)).state;

  for (const operation of [
    "PUT /v1/datasets/{datasetId}/docker/worker/{workerId}/schedule/{scheduledId}",
    "PUT /v1/docker/worker/{workerId}",
    STATE_UPDATE,
    LOG_UPDATE,
  ]) {
    it(`completes its run although the first response to ${operation} is lost`, async () => {
      const scheduled = await scheduleLast();
      lightly.faults.add({ service: "lightly", operation, kind: "latency", latencyMs: 200, times: 1 });
      assert.equal(await work(), 0);
      assert.equal(await stateOf(scheduled), "COMPLETED");
    });
  }

  it("repeats a throttled POST, because it was not processed", async () => {
    const scheduled = await scheduleLast();
    lightly.faults.add({ service: "lightly", operation: "POST /v1/docker/runs", kind: "throttle", times: 2 });
    assert.equal(await work(), 0);
    assert.equal(await stateOf(scheduled), "COMPLETED");
  });
});
