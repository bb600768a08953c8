import { deepEqual, equal } from "node:assert/strict";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import { FakeNode, failure, start, upload } from "./fake-flow.ts";

const download = {
  ...upload,
  nodeId: "n0",
  type: "lightly-pexels-download",
  role: "download",
  name: "download",
} as const;
const MIB = 2 ** 20;

describe("the uploads that a start waits for", () => {
  let runs: RunRegistry;
  let starting: Step;
  beforeEach(() => {
    runs = new RunRegistry({ later: () => {} });
    runs.nodes.register(download.nodeId, new FakeNode("lightly-pexels-download", [upload.nodeId]));
    runs.nodes.register(upload.nodeId, new FakeNode(upload.type));
    starting = runs.begin("r", start);
  });
  const left = () => starting.uploads;

  it("are unknown until one begins", () => {
    deepEqual(left(), { isKnown: false, isDone: false, leftMs: Number.POSITIVE_INFINITY });
  });

  it("end after the rest of the slowest one at its current rate", () => {
    for (const [loaded, rate] of [
      [90, 1],
      [40, 2],
    ] as const) {
      runs
        .begin("r", upload)
        .progress({ loadedBytes: loaded * MIB, totalBytes: 100 * MIB, bytesPerSecond: rate * MIB });
    }
    deepEqual(left(), { isKnown: true, isDone: false, leftMs: 30_000 });
  });

  it("have no known end while size or rate are unknown, or one of them is interrupted", () => {
    const uploading = runs.begin("r", upload);
    equal(left().leftMs, Number.POSITIVE_INFINITY);
    uploading.progress({ loadedBytes: MIB, bytesPerSecond: MIB });
    equal(left().leftMs, Number.POSITIVE_INFINITY);
    uploading.progress({ loadedBytes: MIB, totalBytes: 2 * MIB, bytesPerSecond: 0 });
    equal(left().leftMs, Number.POSITIVE_INFINITY);
    uploading.progress({ loadedBytes: MIB, totalBytes: 2 * MIB, bytesPerSecond: MIB });
    equal(left().leftMs, 1000);
    uploading.abort("closed", "Node-RED ends.");
    uploading.drop();
    equal(left().leftMs, Number.POSITIVE_INFINITY);
    equal(left().isDone, false);
  });

  it("are not done before the last one, including those to which a download or its message leads", () => {
    const downloading = runs.begin("r", download);
    deepEqual([left().isKnown, left().isDone], [true, false]);
    downloading.recordSend(0, { payload: "video.mp4" }, [upload.nodeId]);
    downloading.complete({});
    deepEqual([left().isKnown, left().isDone], [true, false]);
    downloading.outbox.acknowledge(upload.nodeId);
    const uploading = runs.begin("r", upload, { parentStepId: downloading.record.stepId });
    equal(left().isDone, false);
    uploading.complete({ s3: { uri: "s3://b/k" } });
    deepEqual(left(), { isKnown: true, isDone: true, leftMs: 0, s3: { uri: "s3://b/k" } });
  });

  it("end after the last ones of a source of videos, which runs until they have ended", async () => {
    const source = { ...upload, nodeId: "n9", type: "lightly-video-source", role: "source", name: "source" } as const;
    runs.nodes.register(source.nodeId, new FakeNode(source.type, [upload.nodeId]));
    const listing = runs.begin("r", source);
    await listing.sequence.save({ maxFailures: 10 }, ["a.mp4", "empty.mp4", "b.mp4"]);
    const uploadItem = (item: number): Step => {
      listing.recordSend(0, { payload: "video" }, [upload.nodeId], { item });
      const uploading = runs.begin("r", upload, { parentStepId: listing.record.stepId, parentItem: item });
      uploading.progress({ loadedBytes: 0, totalBytes: 10 * MIB, bytesPerSecond: MIB });
      return uploading;
    };
    const first = uploadItem(0);
    listing.sequence.failed(1, source.nodeId, { code: "SOURCE_EMPTY", message: "The file is empty." });
    equal(left().leftMs, Number.POSITIVE_INFINITY);
    const second = uploadItem(2);
    deepEqual(left(), { isKnown: true, isDone: false, leftMs: 10_000 });
    first.complete({});
    second.complete({});
    equal(left().isDone, false);
    listing.complete({});
    equal(left().isDone, true);
  });

  it("of an earlier pass count for a step that was retried, and not for a new trigger of the same run", () => {
    runs.begin("r", upload).complete({ s3: { uri: "s3://b/k" } });
    starting.fail(failure);
    runs.nodes.register(start.nodeId, new FakeNode(start.type));
    void runs.retry("r");
    const again = [...runs.all.steps].find(({ record }) => record.stepId === "r/3") as Step;
    deepEqual(again.uploads, { isKnown: true, isDone: true, leftMs: 0, s3: { uri: "s3://b/k" } });
    again.complete({});

    let now = 0;
    const others = new RunRegistry({ later: () => {}, now: () => now });
    others.begin("same", upload).complete({});
    now += 24 * 60 * 60_000;
    equal(others.begin("same", { ...start, nodeId: "other" }).uploads.isDone, false);
  });
});
