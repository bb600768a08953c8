import assert from "node:assert/strict";
import {
  begin,
  CONFIG,
  datasource,
  type LightlyFixture,
  lockPath,
  registerWorker,
  startLightly,
} from "./lightly-fixture.ts";

const ID = /^[a-f0-9]{24}$/;
const PAGE = "pageSize=5000&pageOffset=0";

/** The requests of Lightly's own client in a standard session, in its order, with its queries and bodies. */
describe("the standard session", () => {
  let lightly: LightlyFixture;
  const ids = { dataset: "", config: "", scheduled: "", worker: "", run: "", tag: "", artifact: "" };

  before(async () => {
    lightly = await startLightly();
  });
  after(() => lightly.close());

  it("1, 2: responds to the version requests without a token", async () => {
    for (const path of ["latest?currentVersion=1.5.26", "minimum"]) {
      const response = await fetch(`${lightly.url}/v1/versions/pip/${path}`);
      assert.equal(response.status, 200);
      assert.match((await response.json()) as string, /^\d+\.\d+\.\d+$/);
    }
  });

  it("3-6: creates a dataset after checking its name, and finds it by its name", async () => {
    const query = `/v1/datasets/query/name/dataset-name?shared=False&exact=True&${PAGE}`;
    assert.deepEqual(await lightly.expect(200, "GET", query), []);
    const body = { name: "dataset-name", type: "Videos", creator: "USER_PIP" };
    const answer = await lightly.expect(201, "POST", "/v1/datasets", body);
    assert.deepEqual(Object.keys(answer), ["id"]);
    ids.dataset = answer.id;
    const [found, ...others] = await lightly.expect(200, "GET", query);
    assert.deepEqual(others, []);
    assert.equal(found.id, ids.dataset);
    assert.equal(found.type, "Videos");
  });

  it("7, 8: accepts a datasource for each purpose", async () => {
    for (const purpose of ["INPUT", "LIGHTLY"] as const) {
      const reply = await lightly.call("PUT", `/v1/datasets/${ids.dataset}/datasource`, datasource(purpose));
      assert.equal(reply.status, 204);
    }
  });

  it("9, 10: accepts a config and schedules a run of it", async () => {
    ids.config = (await lightly.expect(201, "POST", "/v1/docker/worker/config/vX", CONFIG)).id;
    const body = { configId: ids.config, priority: "MID", runsOn: [], creator: "USER_PIP" };
    const path = `/v1/datasets/${ids.dataset}/docker/worker/schedule`;
    ids.scheduled = (await lightly.expect(201, "POST", path, body)).id;
    assert.match(ids.scheduled, ID);
  });

  for (const state of ["OPEN", "LOCKED"]) {
    it(`11-14: has no run, and a scheduled run in the list, while it is ${state}`, async () => {
      if (state === "LOCKED") {
        ids.worker = await registerWorker(lightly);
        const path = lockPath(ids.dataset, ids.worker, ids.scheduled);
        await lightly.expect(204, "PUT", path, { state: "LOCKED" });
      }
      const refusal = await lightly.expect(404, "GET", `/v1/docker/runs/schedule/${ids.scheduled}`);
      assert.equal(refusal.code, "DOCKER_RUN_UNKNOWN");
      const [listed] = await lightly.expect(200, "GET", `/v1/datasets/${ids.dataset}/docker/worker/schedule`);
      assert.deepEqual(
        [listed.id, listed.datasetId, listed.configId, listed.priority, listed.runsOn, listed.state],
        [ids.scheduled, ids.dataset, ids.config, "MID", [], state],
      );
    });
  }

  it("15-17: shows the run's states and messages as the worker reports them", async () => {
    const run = { dockerVersion: "2.13.0", datasetId: ids.dataset, scheduledId: ids.scheduled };
    ids.run = (await lightly.expect(201, "POST", "/v1/docker/runs", run)).id;
    const seen = [];
    for (const [state, message] of [["STARTED"], ["LOADING_DATASET", "1/2"], ["COMPLETED", "done"]]) {
      const report = message === undefined ? { state } : { state, message, ts: 1 };
      if (state === "COMPLETED") {
        await addResults();
      }
      await lightly.expect(204, "PUT", `/v1/docker/runs/${ids.run}`, report);
      const polled = await lightly.expect(200, "GET", `/v1/docker/runs/schedule/${ids.scheduled}`);
      seen.push([polled.id, polled.state, polled.message, polled.dockerVersion]);
    }
    assert.deepEqual(seen, [
      [ids.run, "STARTED", undefined, "2.13.0"],
      [ids.run, "LOADING_DATASET", "1/2", "2.13.0"],
      [ids.run, "COMPLETED", "done", "2.13.0"],
    ]);
    assert.deepEqual(await lightly.expect(200, "GET", `/v1/datasets/${ids.dataset}/docker/worker/schedule`), []);
  });

  /** The results of a worker: three frames, a tag of two of them, and a report. */
  async function addResults(): Promise<void> {
    for (const index of [0, 1, 2]) {
      const videoFrameData = { sourceVideo: "v.mp4", sourceVideoFrameIndex: index };
      const body = { fileName: `v-000${index}-mp4.png`, videoFrameData };
      await lightly.expect(201, "POST", `/v1/datasets/${ids.dataset}/samples`, body);
    }
    const tags = `/v1/datasets/${ids.dataset}/tags`;
    const { id: initial } = await lightly.expect(201, "POST", `${tags}/initial`, { imgType: "full", runId: ids.run });
    const tag = { name: "my-tag", prevTagId: initial, bitMaskData: "0x3", totSize: 3, runId: ids.run };
    ids.tag = (await lightly.expect(201, "POST", tags, tag)).id;
    const artifacts = `/v1/docker/runs/${ids.run}/artifacts`;
    const report = { fileName: "report.pdf", type: "REPORT_PDF" };
    const { artifactId, signedWriteUrl } = await lightly.expect(201, "POST", artifacts, report);
    assert.equal((await fetch(signedWriteUrl, { method: "PUT", body: "%PDF-1.7" })).status, 200);
    await lightly.expect(204, "PUT", `${artifacts}/${artifactId}/confirmUpload`);
    ids.artifact = artifactId;
  }

  it("18, 19: lists the run with its artifact, and the run's tags, newest first", async () => {
    const [run] = await lightly.expect(200, "GET", `/v1/docker/runs?${PAGE}`);
    assert.equal(run.state, "COMPLETED");
    assert.equal(run.datasetId, ids.dataset);
    assert.deepEqual(
      run.artifacts.map(({ id, type, fileName }: Record<string, string>) => [id, type, fileName]),
      [[ids.artifact, "REPORT_PDF", "report.pdf"]],
    );
    const tags = await lightly.expect(200, "GET", `/v1/docker/runs/${ids.run}/tags`);
    assert.deepEqual(
      tags.map(({ name }: { name: string }) => name),
      ["my-tag", "initial-tag"],
    );
  });

  it("20-22: returns a tag's file names as text, and an empty text after the end", async () => {
    const base = `/v1/datasets/${ids.dataset}/tags`;
    const [initial, tag] = await lightly.expect(200, "GET", base);
    assert.deepEqual([initial.prevTagId, initial.bitMaskData, initial.totSize], [null, "0x7", 3]);
    assert.deepEqual(await lightly.expect(200, "GET", `${base}/${ids.tag}`), tag);
    const names = await lightly.call("GET", `${base}/${ids.tag}/export/basic/filenames?${PAGE}`);
    assert.equal(names.status, 200);
    assert.equal(names.text, "v-0000-mp4.png\nv-0001-mp4.png");
    const rest = await lightly.call("GET", `${base}/${ids.tag}/export/basic/filenames?pageSize=5000&pageOffset=5000`);
    assert.deepEqual([rest.status, rest.text], [200, ""]);
  });

  it("23-25: returns a tag as Label Studio tasks", async () => {
    const path = `/v1/datasets/${ids.dataset}/tags/${ids.tag}/export/LabelStudio/tasks?pageSize=2500&pageOffset=0`;
    const [task, ...others] = await lightly.expect(200, "GET", path);
    assert.equal(others.length, 1);
    assert.deepEqual(Object.keys(task), ["id", "data"]);
    assert.equal(task.id, 0);
    assert.equal(task.data.lightlyFileName, "v-0000-mp4.png");
    assert.match(task.data.image, /readurlRedirect/);
  });

  it("26-29: returns an artifact's bytes, uncompressed, at an absolute URL without a token", async () => {
    const url = await lightly.expect(200, "GET", `/v1/docker/runs/${ids.run}/artifacts/${ids.artifact}/readurl`);
    const blob = await fetch(url);
    assert.equal(blob.headers.get("content-encoding"), null);
    assert.equal(await blob.text(), "%PDF-1.7");
  });

  it("runs again: a second worker finds the next scheduled run of the same dataset", async () => {
    const body = { configId: ids.config, priority: "HIGH", runsOn: [] };
    const path = `/v1/datasets/${ids.dataset}/docker/worker/schedule`;
    const { id } = await lightly.expect(201, "POST", path, body);
    const worker = await registerWorker(lightly, "worker-2");
    assert.match(await begin(lightly, ids.dataset, worker, id), ID);
  });
});
