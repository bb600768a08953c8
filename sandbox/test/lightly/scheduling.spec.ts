import assert from "node:assert/strict";
import {
  begin,
  type LightlyFixture,
  lockPath,
  prepareDataset,
  registerWorker,
  schedule,
  startLightly,
} from "./lightly-fixture.ts";

describe("scheduled runs", () => {
  let lightly: LightlyFixture;
  let dataset: string;

  beforeEach(async () => {
    lightly = await startLightly({ silenceMs: 60_000 });
    dataset = await prepareDataset(lightly);
  });
  afterEach(() => lightly.close());

  const openFor = async (worker: string): Promise<string[]> =>
    (await lightly.expect(200, "GET", `/v1/docker/worker/${worker}/schedule?state=OPEN`)).map(
      ({ id }: { id: string }) => id,
    );
  const listed = async (query = ""): Promise<string[]> =>
    (await lightly.expect(200, "GET", `/v1/datasets/${dataset}/docker/worker/schedule${query}`)).map(
      ({ state }: { state: string }) => state,
    );
  const lock = (worker: string, scheduled: string, of = dataset) =>
    lightly.call("PUT", lockPath(of, worker, scheduled), { state: "LOCKED" });
  const report = (worker: string, state: string) =>
    lightly.expect(204, "PUT", `/v1/docker/worker/${worker}`, { state });
  const stateOf = async (scheduled: string): Promise<string> =>
    (await lightly.expect(200, "GET", `/v1/docker/runs/schedule/${scheduled}`)).state;

  it("go to one worker only", async () => {
    const scheduled = await schedule(lightly, dataset);
    const workers = await Promise.all(["one", "two", "three"].map((name) => registerWorker(lightly, `worker ${name}`)));
    const replies = await Promise.all(workers.map((worker) => lock(worker, scheduled)));
    assert.deepEqual(replies.map(({ status }) => status).sort(), [204, 409, 409]);
    const winner = workers[replies.findIndex(({ status }) => status === 204)] ?? "";
    assert.equal((await lock(winner, scheduled)).json.code, "DOCKER_WORKER_SCHEDULE_UPDATE_FAILED");
    assert.deepEqual(await listed(), ["LOCKED"]);
  });

  it("are offered by urgency, then by age", async () => {
    const worker = await registerWorker(lightly);
    const expected: string[] = [];
    for (const priority of ["LOW", "MID", "CRITICAL", "HIGH", "MID"]) {
      lightly.clock.advance(1000);
      expected.push(await schedule(lightly, dataset, { priority }));
    }
    const [low, mid, critical, high, laterMid] = expected;
    assert.deepEqual(await openFor(worker), [critical, high, mid, laterMid, low]);
  });

  it("are offered only to workers that have all of their labels", async () => {
    const scheduled = await schedule(lightly, dataset, { runsOn: ["gpu", "eu"] });
    const [some, all] = [
      await registerWorker(lightly, "some", ["gpu"]),
      await registerWorker(lightly, "all of them", ["eu", "x", "gpu"]),
    ];
    assert.deepEqual([await openFor(some), await openFor(all)], [[], [scheduled]]);
    assert.equal((await lock(some, scheduled)).status, 409);
    const byLabels = (labels: string) => lightly.expect(200, "GET", `/v1/docker/worker/schedule?state=OPEN&${labels}`);
    assert.deepEqual(await byLabels("labels=gpu"), []);
    assert.equal((await byLabels("labels=gpu&labels=eu&version=*"))[0].id, scheduled);
  });

  it("of one dataset are never processed by two workers at the same time", async () => {
    const [first, second] = [await schedule(lightly, dataset), await schedule(lightly, dataset)];
    const other = await prepareDataset(lightly, "other dataset");
    const third = await schedule(lightly, other);
    const [one, two] = [await registerWorker(lightly, "one"), await registerWorker(lightly, "two")];
    const run = await begin(lightly, dataset, one, first);
    assert.deepEqual(await openFor(two), [third]);
    assert.equal((await lock(two, second)).status, 409);
    const unlockable = "/v1/docker/worker/schedule?state=OPEN&includeUnlockableRuns=True";
    assert.equal((await lightly.expect(200, "GET", unlockable)).length, 2);
    await lightly.expect(204, "PUT", `/v1/docker/runs/${run}`, { state: "COMPLETED" });
    assert.deepEqual(await openFor(two), [second, third]);
  });

  for (const end of ["COMPLETED", "FAILED", "CRASHED", "ABORTED"]) {
    it(`are DONE when their run is ${end}, and accept no other end`, async () => {
      const worker = await registerWorker(lightly);
      const scheduled = await schedule(lightly, dataset);
      const run = await begin(lightly, dataset, worker, scheduled);
      await lightly.expect(204, "PUT", `/v1/docker/runs/${run}`, { state: end, message: "the end" });
      assert.deepEqual(await listed(), []);
      assert.deepEqual(await listed("?state=DONE"), ["DONE"]);
      await lightly.expect(409, "PUT", `/v1/docker/runs/${run}`, { state: "EMBEDDING" });
      const { state, message } = await lightly.expect(200, "GET", `/v1/docker/runs/${run}`);
      assert.deepEqual([state, message], [end, "the end"]);
    });
  }

  it("can be canceled only while they are OPEN", async () => {
    const cancel = (scheduled: string) =>
      lightly.call("PUT", `/v1/datasets/${dataset}/docker/worker/schedule/${scheduled}`);
    const [first, second] = [await schedule(lightly, dataset), await schedule(lightly, dataset)];
    assert.equal((await cancel(first)).status, 204);
    assert.deepEqual(await listed(), ["OPEN"]);
    assert.deepEqual(await listed("?states=OPEN&states=CANCELED"), ["CANCELED", "OPEN"]);
    await lock(await registerWorker(lightly), second);
    for (const scheduled of [first, second]) {
      const { status, json } = await cancel(scheduled);
      assert.deepEqual([status, json.code], [409, "DOCKER_WORKER_SCHEDULE_UPDATE_FAILED"]);
    }
    assert.deepEqual((await cancel("0".repeat(24))).json.code, "DOCKER_WORKER_SCHEDULE_UNKNOWN");
  });

  it("become a run only when they are LOCKED, and only one", async () => {
    const scheduled = await schedule(lightly, dataset);
    const body = { dockerVersion: "2.13.0", scheduledId: scheduled };
    await lightly.expect(409, "POST", "/v1/docker/runs", body);
    const worker = await registerWorker(lightly);
    const run = await begin(lightly, dataset, worker, scheduled);
    await lightly.expect(409, "POST", "/v1/docker/runs", body);
    const { datasetId, configId, scheduledId } = await lightly.expect(200, "GET", `/v1/docker/runs/${run}`);
    assert.deepEqual([datasetId, scheduledId], [dataset, scheduled]);
    assert.match(configId, /^[a-f0-9]{24}$/);
  });

  it("are released only by their worker, as long as there is no run", async () => {
    const scheduled = await schedule(lightly, dataset);
    const [one, two] = [await registerWorker(lightly, "one"), await registerWorker(lightly, "two")];
    await lock(one, scheduled);
    await lightly.expect(409, "PUT", lockPath(dataset, two, scheduled), { state: "OPEN" });
    await lightly.expect(204, "PUT", lockPath(dataset, one, scheduled), { state: "OPEN" });
    await begin(lightly, dataset, two, scheduled);
    await lightly.expect(409, "PUT", lockPath(dataset, two, scheduled), { state: "OPEN" });
  });

  describe("of an ended worker", () => {
    it("end CRASHED when the worker restarts, so that the dataset is free again", async () => {
      const worker = await registerWorker(lightly);
      const [first, second] = [await schedule(lightly, dataset), await schedule(lightly, dataset)];
      await begin(lightly, dataset, worker, first);
      await report(worker, "IDLE");
      assert.equal(await stateOf(first), "CRASHED");
      assert.deepEqual(await openFor(worker), [second]);
    });

    it("are OPEN again if it had not started their run", async () => {
      const worker = await registerWorker(lightly);
      const scheduled = await schedule(lightly, dataset);
      await lock(worker, scheduled);
      await report(worker, "OFFLINE");
      assert.deepEqual(await listed(), ["OPEN"]);
      const [entry] = await lightly.expect(200, "GET", `/v1/datasets/${dataset}/docker/worker/schedule`);
      assert.equal(Object.hasOwn(entry, "owner"), false);
    });

    it("end CRASHED after the time limit without a report", async () => {
      const worker = await registerWorker(lightly);
      const scheduled = await schedule(lightly, dataset);
      const run = await begin(lightly, dataset, worker, scheduled);
      lightly.clock.advance(59_000);
      await lightly.expect(204, "PUT", `/v1/docker/runs/${run}`, { state: "EMBEDDING" });
      lightly.clock.advance(59_000);
      assert.equal(await stateOf(scheduled), "EMBEDDING");
      lightly.clock.advance(2_000);
      assert.equal(await stateOf(scheduled), "CRASHED");
      assert.equal((await lightly.expect(200, "GET", `/v1/docker/worker/${worker}`)).state, "OFFLINE");
    });
  });

  it("keep the state that their worker reported last, even when an earlier report arrives late", async () => {
    const run = await begin(lightly, dataset, await registerWorker(lightly), await schedule(lightly, dataset));
    const path = `/v1/docker/runs/${run}`;
    for (const [state, ts] of [
      ["EMBEDDING", 2],
      ["LOADING_DATASET", 1],
    ] as const) {
      await lightly.expect(204, "PUT", path, { state, ts, message: state });
    }
    const { state, message, ...rest } = await lightly.expect(200, "GET", path);
    assert.deepEqual([state, message, Object.hasOwn(rest, "reportedAt")], ["EMBEDDING", "EMBEDDING", false]);
    await lightly.expect(204, "PUT", path, { state: "SAMPLING" });
    assert.equal((await lightly.expect(200, "GET", path)).state, "SAMPLING");
  });

  it("have a log that can be read from a position", async () => {
    const run = await begin(lightly, dataset, await registerWorker(lightly), await schedule(lightly, dataset));
    const path = `/v1/docker/runs/${run}/logs`;
    const line = (msg: string) => ({ ts: 1, level: "INFO", group: "worker", msg });
    await lightly.expect(204, "PUT", path, [line("one"), { ...line("two"), state: "EMBEDDING", load: { cpu: 12.5 } }]);
    await lightly.expect(204, "PUT", path, [line("three")]);
    const first = await lightly.expect(200, "GET", path);
    assert.deepEqual(
      first.logs.map(({ msg, state }: Record<string, string>) => [msg, state]),
      [
        ["one", "STARTED"],
        ["two", "EMBEDDING"],
        ["three", "STARTED"],
      ],
    );
    assert.deepEqual(await lightly.expect(200, "GET", `${path}?cursor=${first.cursor}`), { cursor: 3, logs: [] });
    await lightly.expect(400, "PUT", path, [{ ...line("bad"), level: "TRACE" }]);
  });
});
