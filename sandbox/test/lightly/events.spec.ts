import assert from "node:assert/strict";
import { createEventLog, type EventLog } from "../../src/faults/event-log.ts";
import {
  begin,
  type LightlyFixture,
  prepareDataset,
  registerWorker,
  schedule,
  startLightly,
} from "./lightly-fixture.ts";

describe("The event log of Lightly's API", () => {
  let events: EventLog;
  let lightly: LightlyFixture;
  let dataset: string;

  beforeEach(async () => {
    events = createEventLog();
    lightly = await startLightly({ events });
    dataset = await prepareDataset(lightly);
  });
  afterEach(() => lightly.close());

  const states = (kind: string): unknown[] => events.list({ kind }).map(({ state }) => state);

  it("has each state of a scheduled run and of its worker run, with their ids", async () => {
    const scheduledId = await schedule(lightly, dataset, { priority: "HIGH" });
    const workerId = await registerWorker(lightly);
    const runId = await begin(lightly, dataset, workerId, scheduledId);
    for (const message of ["1/2 frames", "2/2 frames"]) {
      await lightly.expect(204, "PUT", `/v1/docker/runs/${runId}`, { state: "EMBEDDING", message });
    }
    await lightly.expect(204, "PUT", `/v1/docker/runs/${runId}`, { state: "COMPLETED", message: "done" });
    assert.deepEqual(states("scheduled-run"), ["OPEN", "LOCKED", "DONE"]);
    assert.deepEqual(states("worker-run"), ["STARTED", "EMBEDDING", "COMPLETED"]);
    const [open, locked] = events.list({ kind: "scheduled-run" });
    assert.deepEqual([open?.scheduledId, open?.datasetId, open?.priority], [scheduledId, dataset, "HIGH"]);
    assert.equal(locked?.workerId, workerId);
    const last = events.list({ kind: "worker-run" }).at(-1);
    assert.deepEqual([last?.runId, last?.scheduledId, last?.message], [runId, scheduledId, "done"]);
  });

  it("has what the API itself decides: a cancellation, and a crash of a worker that starts again", async () => {
    const [first, second] = [await schedule(lightly, dataset), await schedule(lightly, dataset)];
    await lightly.expect(204, "PUT", `/v1/datasets/${dataset}/docker/worker/schedule/${first}`);
    const workerId = await registerWorker(lightly);
    await begin(lightly, dataset, workerId, second);
    await lightly.expect(204, "PUT", `/v1/docker/worker/${workerId}`, { state: "IDLE" });
    assert.deepEqual(states("scheduled-run"), ["OPEN", "OPEN", "CANCELED", "LOCKED", "DONE"]);
    assert.deepEqual(states("worker-run"), ["STARTED", "CRASHED"]);
  });

  it("has datasets, datasources, tags and artifacts", async () => {
    const scheduledId = await schedule(lightly, dataset);
    const runId = await begin(lightly, dataset, await registerWorker(lightly), scheduledId);
    await lightly.expect(201, "POST", `/v1/datasets/${dataset}/tags/initial`, { imgType: "full" });
    const artifacts = `/v1/docker/runs/${runId}/artifacts`;
    const body = { fileName: "log.txt", type: "LOG" };
    const { artifactId, signedWriteUrl } = await lightly.expect(201, "POST", artifacts, body);
    assert.deepEqual(events.list({ kind: "artifact" }), []);
    await fetch(signedWriteUrl, { method: "PUT", body: "text" });
    await lightly.expect(204, "PUT", `${artifacts}/${artifactId}/confirmUpload`);
    await lightly.expect(204, "PUT", `/v1/datasets/${dataset}`, { name: "another name" });
    await lightly.expect(204, "PUT", `/v1/docker/runs/${runId}`, { state: "COMPLETED" });
    await lightly.expect(204, "DELETE", `/v1/datasets/${dataset}`);
    assert.deepEqual(states("dataset"), ["created", "changed", "deleted"]);
    assert.deepEqual(states("datasource"), ["created", "created", "deleted", "deleted"]);
    assert.deepEqual(states("tag"), ["created", "deleted"]);
    assert.deepEqual(
      events.list({ kind: "artifact" }).map(({ fileName, runId: of }) => [fileName, of]),
      [["log.txt", runId]],
    );
  });

  it("has only the location of a datasource", async () => {
    const keys = { s3AccessKeyId: "AKIAOTHER", s3SecretAccessKey: "a secret of the user" };
    const config = { purpose: "INPUT", type: "S3", fullPath: "s3://bucket/in/", s3Region: "eu-central-1", ...keys };
    await lightly.expect(204, "PUT", `/v1/datasets/${dataset}/datasource`, config);
    const last = events.list({ kind: "datasource" }).at(-1);
    assert.deepEqual([last?.fullPath, last?.state], ["s3://bucket/in/", "changed"]);
    assert.doesNotMatch(JSON.stringify(events.list()), /AKIAOTHER|a secret/);
  });
});
