import assert from "node:assert/strict";
import {
  begin,
  type LightlyFixture,
  lockPath,
  registerWorker,
  startLightly,
  TOKEN,
} from "../../../sandbox/test/lightly/lightly-fixture.ts";
import { type Clock, systemClock } from "../../../src/polling/clock.ts";
import { createLightlyClient } from "../../../src/services/lightly/client/lightly-client.ts";
import { prepareDataset } from "../../../src/services/lightly/datasets/prepare-dataset.ts";
import { cancelRun } from "../../../src/services/lightly/runs/cancel-run.ts";
import { monitorRun } from "../../../src/services/lightly/runs/monitor-run.ts";
import { readRun } from "../../../src/services/lightly/runs/read-run.ts";
import { scheduleRun } from "../../../src/services/lightly/runs/schedule-run.ts";
import { selectionConfig } from "../../../src/services/lightly/selection/selection-config.ts";
import { selectedFilenames } from "../../../src/services/lightly/tags/selected-filenames.ts";
import { workerRunTag } from "../../../src/services/lightly/tags/worker-run-tag.ts";
import { workerConfig } from "../../../src/services/lightly/workers/worker-config.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { DATASOURCES } from "./selection/legal-configs.ts";
import { never } from "./stub-lightly.ts";

const SCHEDULE = "POST /v1/datasets/{datasetId}/docker/worker/schedule";

describe("Lightly's services against the sandbox", () => {
  let lightly: LightlyFixture;
  before(async () => {
    lightly = await startLightly();
  });
  afterEach(() => lightly.faults.clear());
  after(() => lightly.close());

  const connect = (o: { clock?: Clock; fetch?: typeof fetch; token?: string } = {}) =>
    createLightlyClient({ token: TOKEN, server: lightly.url, clock: new FakeClock(), ...o });
  const prepare = (name: string, client = connect()) =>
    prepareDataset({ client, name, type: "Videos", datasources: DATASOURCES, signal: never() });
  const schedule = (datasetId: string, client = connect()) =>
    scheduleRun({
      client,
      datasetId,
      selection: selectionConfig({ proportionSamples: 0.1 }),
      worker: workerConfig({ shutdownWhenJobFinished: true, useDatapool: true }),
      priority: "MID",
      runsOn: [],
      signal: never(),
    });
  const runsOf = async (datasetId: string): Promise<unknown[]> =>
    await lightly.expect(200, "GET", `/v1/datasets/${datasetId}/docker/worker/schedule`);

  it("creates a dataset with its datasources once, and finds it afterwards among names with the same prefix", async () => {
    await prepare("clips-and-more");
    const first = await prepare("clips");
    assert.equal(first.created, true);
    assert.deepEqual(await prepare("clips"), { datasetId: first.datasetId, created: false });
    const set: Array<{ purpose: string; fullPath: string }> = await lightly.expect(
      200,
      "GET",
      `/v1/datasets/${first.datasetId}/datasource/all`,
    );
    assert.deepEqual(
      set.map(({ purpose, fullPath }) => [purpose, fullPath]),
      [
        ["INPUT", "s3://lightly-input/videos/"],
        ["LIGHTLY", "s3://lightly-output/lightly/"],
      ],
    );
  });

  it("lets exactly one of two callers create a dataset, and both use it", async () => {
    const both = await Promise.all([prepare("at-once"), prepare("at-once")]);
    assert.equal(new Set(both.map(({ datasetId }) => datasetId)).size, 1);
    assert.deepEqual(both.map(({ created }) => created).sort(), [false, true]);
  });

  it("follows a run of a worker, and reads its selection", async () => {
    const { datasetId } = await prepare("whole-run");
    const { scheduledRunId } = await schedule(datasetId);
    const workerId = await registerWorker(lightly, "worker-of-the-whole-run");
    const path = `/v1/datasets/${datasetId}`;
    const names = ["a-0000-mp4.png", "a-0001-mp4.png", "a-0002-mp4.png"];
    let runId = "";
    const report = (state: string, message: string) =>
      lightly.expect(204, "PUT", `/v1/docker/runs/${runId}`, { state, message });
    const workersSteps = [
      async () => {
        runId = await begin(lightly, datasetId, workerId, scheduledRunId);
      },
      () => report("LOADING_DATASET", "1/1"),
      async () => {
        for (const fileName of names) {
          await lightly.expect(201, "POST", `${path}/samples`, { fileName });
        }
        const root = await lightly.expect(201, "POST", `${path}/tags/initial`, {
          imgType: "full",
          creator: "USER_WORKER",
        });
        const tag = {
          name: "selection",
          prevTagId: root.id,
          bitMaskData: "0x5",
          totSize: 3,
          creator: "USER_WORKER",
          runId,
        };
        await lightly.expect(201, "POST", `${path}/tags`, tag);
        await report("COMPLETED", "2 selected");
      },
    ];
    const clock: Clock = { ...systemClock, now: () => 0, sleep: async () => void (await workersSteps.shift()?.()) };
    const states: string[] = [];
    const client = connect({ clock });
    const end = await monitorRun({
      ...{ client, datasetId, scheduledRunId, timeoutMs: Number.POSITIVE_INFINITY, pollMs: 1, signal: never() },
      onState: ({ state, message }) => states.push(`${state} ${message ?? ""}`.trim()),
    });
    assert.deepEqual(end, { state: "COMPLETED", message: "2 selected", workerRunId: runId, endState: "COMPLETED" });
    assert.deepEqual(states, [
      "OPEN waiting for a worker to take it",
      "STARTED",
      "LOADING_DATASET 1/1",
      "COMPLETED 2 selected",
    ]);

    const tag = await workerRunTag({ client, datasetId, workerRunId: runId, signal: never() });
    assert.ok(tag !== undefined);
    assert.deepEqual([tag.name, tag.selectedCount, tag.totalCount], ["selection", 2, 3]);
    const selected = await selectedFilenames({ client, datasetId, tagId: tag.tagId, signal: never() });
    assert.deepEqual(selected, ["a-0000-mp4.png", "a-0002-mp4.png"]);
    assert.equal(await cancelRun({ client, datasetId, scheduledRunId, signal: never() }), "gone");
  });

  it("cancels an OPEN run, also twice, and the monitor reports it as canceled", async () => {
    const { datasetId } = await prepare("to-cancel");
    const { scheduledRunId } = await schedule(datasetId);
    const at = { client: connect(), datasetId, scheduledRunId, signal: never() };
    assert.equal(await cancelRun(at), "canceled");
    assert.equal(await cancelRun(at), "canceled");
    assert.equal((await monitorRun({ ...at, timeoutMs: 0, pollMs: 1 })).endState, "CANCELED");
  });

  it("can't cancel a run that a worker has taken", async () => {
    const { datasetId } = await prepare("taken");
    const { scheduledRunId } = await schedule(datasetId);
    const workerId = await registerWorker(lightly, "worker-that-takes");
    await lightly.expect(204, "PUT", lockPath(datasetId, workerId, scheduledRunId), { state: "LOCKED" });
    const at = { client: connect(), datasetId, scheduledRunId, signal: never() };
    assert.equal(await cancelRun(at), "running");
    assert.equal((await readRun(at)).state, "LOCKED");
  });

  it("finds a scheduled run if the response was lost", async () => {
    const { datasetId } = await prepare("lost-answer");
    const losing: typeof fetch = async (url, init) => {
      const response = await fetch(url, init);
      if (init?.method === "POST" && String(url).includes("/schedule")) {
        throw new TypeError("fetch failed", {
          cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
        });
      }
      return response;
    };
    const { scheduledRunId } = await schedule(datasetId, connect({ fetch: losing }));
    assert.deepEqual(
      (await runsOf(datasetId)).map((run) => Object(run).id),
      [scheduledRunId],
    );
  });

  for (const fault of [{ kind: "reset" }, { kind: "status", status: 503 }, { kind: "malformed" }] as const) {
    it(`schedules exactly one run if the first request fails with ${fault.kind} and is not processed`, async () => {
      const { datasetId } = await prepare(`fault-${fault.kind}`);
      lightly.faults.add({ service: "lightly", operation: SCHEDULE, times: 1, ...fault });
      const { scheduledRunId } = await schedule(datasetId);
      assert.deepEqual(
        (await runsOf(datasetId)).map((run) => Object(run).id),
        [scheduledRunId],
      );
    });
  }

  it("waits during throttling", async () => {
    lightly.faults.add({ service: "lightly", kind: "throttle", times: 2 });
    const clock = new FakeClock();
    await prepare("throttled", connect({ clock }));
    assert.equal(clock.slept.length, 2);
  });

  it("reports a wrong token, even while polling", async () => {
    const { datasetId } = await prepare("token");
    const { scheduledRunId } = await schedule(datasetId);
    const client = connect({ token: "wrong" });
    await assert.rejects(prepare("token", client), { code: "LIGHTLY_UNAUTHORIZED" });
    await assert.rejects(
      monitorRun({
        ...{ client, datasetId, scheduledRunId, timeoutMs: 3_600_000, pollMs: 30_000, signal: never() },
        clock: new FakeClock(),
      }),
      { code: "LIGHTLY_UNAUTHORIZED" },
    );
  });

  it("refuses to schedule on a dataset without datasources, in Lightly's words", async () => {
    const { datasetId } = await prepareDataset({
      ...{ client: connect(), name: "bare", type: "Videos", datasources: [], signal: never() },
    });
    await assert.rejects(schedule(datasetId), {
      code: "LIGHTLY_REQUEST_REFUSED",
      message: /has no datasource for INPUT/,
    });
  });
});
