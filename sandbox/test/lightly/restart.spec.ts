import assert from "node:assert/strict";
import {
  begin,
  type LightlyFixture,
  prepareDataset,
  registerWorker,
  schedule,
  startLightly,
} from "./lightly-fixture.ts";

describe("the Lightly API after a restart", () => {
  let lightly: LightlyFixture;

  before(async () => {
    lightly = await startLightly();
  });
  after(() => lightly.close());

  it("has its state, reuses no id, and accepts its earlier URLs", async () => {
    const dataset = await prepareDataset(lightly);
    const scheduled = await schedule(lightly, dataset, { priority: "HIGH" });
    const worker = await registerWorker(lightly);
    const run = await begin(lightly, dataset, worker, scheduled);
    const samples = [];
    for (const fileName of ["b.png", "a.png", "c.png"]) {
      const body = { fileName, videoFrameData: {} };
      samples.push((await lightly.expect(201, "POST", `/v1/datasets/${dataset}/samples`, body)).id);
    }
    await lightly.expect(201, "POST", `/v1/datasets/${dataset}/tags/initial`, { imgType: "full" });
    const log = [{ ts: 1, level: "INFO", group: "g", msg: "m" }];
    await lightly.expect(204, "PUT", `/v1/docker/runs/${run}/logs`, log);
    const { id: gone } = await lightly.expect(201, "POST", "/v1/datasets", { name: "deleted" });
    await lightly.expect(204, "DELETE", `/v1/datasets/${gone}`);
    const paths = [
      "/v1/datasets",
      `/v1/datasets/${dataset}/datasource/all`,
      `/v1/datasets/${dataset}/docker/worker/schedule`,
      "/v1/docker/worker",
      "/v1/docker/runs",
      `/v1/docker/runs/${run}/logs`,
      `/v1/datasets/${dataset}/samples`,
      `/v1/datasets/${dataset}/tags`,
    ];
    const readAll = () => Promise.all(paths.map((path) => lightly.expect(200, "GET", path)));
    const before = await readAll();
    const links = `/v1/datasets/${dataset}/tags/${before[7][0].id}/export/basic/filenames?fileNameFormat=REDIRECTED_READ_URL`;
    const [link = ""] = (await lightly.call("GET", links)).text.split("\n");

    await lightly.restart();

    assert.deepEqual(await readAll(), before);
    const { id: fresh } = await lightly.expect(201, "POST", "/v1/datasets", { name: "after" });
    assert.ok(![dataset, gone, scheduled, run, ...samples].includes(fresh));
    const moved = new URL(link);
    moved.port = new URL(lightly.url).port;
    assert.equal((await fetch(moved, { redirect: "manual" })).status, 302);
    await lightly.expect(204, "PUT", `/v1/docker/runs/${run}`, { state: "COMPLETED" });
    assert.deepEqual(await lightly.expect(200, "GET", `/v1/datasets/${dataset}/docker/worker/schedule`), []);
  });
});

describe("faults of the Lightly API", () => {
  let lightly: LightlyFixture;

  before(async () => {
    lightly = await startLightly();
  });
  after(() => lightly.close());

  it("match the route's pattern, have Lightly's format, and apply before the request is processed", async () => {
    lightly.faults.add({ service: "lightly", operation: "POST /v1/datasets", kind: "status", status: 503, times: 1 });
    const body = { name: "dataset-name" };
    const refusal = await lightly.expect(503, "POST", "/v1/datasets", body);
    assert.deepEqual(Object.keys(refusal), ["code", "error"]);
    assert.deepEqual(await lightly.expect(200, "GET", "/v1/datasets"), []);
    await lightly.expect(201, "POST", "/v1/datasets", body);
    const operation = "GET /v1/docker/runs/schedule/{scheduledId}";
    lightly.faults.add({ service: "lightly", operation, kind: "throttle" });
    const { status } = await lightly.call("GET", `/v1/docker/runs/schedule/${"0".repeat(24)}`);
    assert.equal(status, 429);
  });

  it("may break the connection, and the server keeps running", async () => {
    lightly.faults.clear();
    lightly.faults.add({ service: "lightly", operation: "GET /v1/datasets", kind: "reset", times: 1 });
    await assert.rejects(lightly.call("GET", "/v1/datasets"));
    await lightly.expect(200, "GET", "/v1/datasets");
  });
});
