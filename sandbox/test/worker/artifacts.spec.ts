import assert from "node:assert/strict";
import { join } from "node:path";
import { readClipLibrary } from "../../src/clips/clip-library.ts";
import { testClips } from "../clips/test-clips.ts";
import { type Cloud, type RunData, startCloud, TEN_PERCENT } from "./cloud.ts";

describe("The artifacts of a worker's run", () => {
  let cloud: Cloud;
  let datasetId: string;
  let clip: string;

  before(async () => {
    const folder = await testClips();
    const clips = (await readClipLibrary(folder))?.clips ?? [];
    clip = join(folder, clips[3]?.files[1]?.name ?? "");
  });
  beforeEach(async () => {
    cloud = await startCloud();
    datasetId = await cloud.createDataset("artifacts");
  });
  afterEach(() => cloud.close());

  async function work(docker?: object): Promise<RunData> {
    const scheduled = await cloud.schedule(datasetId, { ...TEN_PERCENT, proportionSamples: 0.2, nSamples: 4 }, docker);
    const worker = cloud.startWorker();
    assert.equal(await worker.exitCode, 0, worker.output());
    return await cloud.runOf(scheduled);
  }
  async function download(run: RunData, type: string): Promise<Buffer> {
    const artifact = run.artifacts.find((one) => one.type === type);
    assert.ok(artifact, type);
    const url = await cloud.api<string>("GET", `/v1/docker/runs/${run.id}/artifacts/${artifact.id}/readurl`);
    return Buffer.from(await (await fetch(url)).arrayBuffer());
  }
  async function embeddings(): Promise<Array<{ name: string; lines: string[] }>> {
    const base = `/v1/datasets/${datasetId}/embeddings`;
    const list = await cloud.api<Array<{ id: string; name: string; isProcessed: boolean }>>("GET", base);
    assert.ok(list.every(({ isProcessed }) => isProcessed));
    return await Promise.all(
      list.map(async ({ id, name }) => {
        const text = await (await fetch(await cloud.api<string>("GET", `${base}/${id}/readCSVUrl`))).text();
        return { name, lines: text.trimEnd().split("\n") };
      }),
    );
  }

  it("are all that Lightly's client can download without a training", async () => {
    await cloud.upload("cam/a, 1.mp4", clip);
    await cloud.upload("b.mp4", Buffer.from("no video at all"));
    const run = await work();
    assert.deepEqual(
      run.artifacts.map(({ type, fileName }) => [type, fileName]),
      [
        ["REPORT_PDF", "report.pdf"],
        ["REPORT_JSON", "report.json"],
        ["REPORT_V2_JSON", "report_v2.json"],
        ["CORRUPTNESS_CHECK_INFORMATION", "corruptness_check_information.json"],
        ["SEQUENCE_INFORMATION", "sequence_information.json"],
        ["MEMLOG", "memlog.txt"],
        ["LOG", "log.txt"],
      ],
    );
    const json = async (type: string) => JSON.parse(String(await download(run, type)));
    const report = await json("REPORT_V2_JSON");
    assert.deepEqual([report.framesSelected, await json("REPORT_JSON")], [4, report]);
    const { corrupt_samples, corrupt_videos } = await json("CORRUPTNESS_CHECK_INFORMATION");
    assert.deepEqual([corrupt_samples, Object.keys(corrupt_videos)], [{}, ["b.mp4"]]);
    const sequences = await json("SEQUENCE_INFORMATION");
    assert.equal(sequences.length, 4);
    const [{ video_name, frame_names, frame_indices, frame_timestamps_sec, frame_timestamps_pts }] = sequences;
    assert.deepEqual([video_name, frame_names.length, frame_indices.length], ["cam/a, 1.mp4", 1, 1]);
    assert.equal(frame_timestamps_pts[0], Math.round(frame_timestamps_sec[0] * 1e6));
    assert.match(
      String(await download(run, "MEMLOG")),
      /^(\S+Z rss=\d+\.\dMiB heap=\d+\.\dMiB external=\S+MiB\n){2,}$/,
    );
    assert.match(String(await download(run, "LOG")), /INFO EMBEDDING: .*INFO UPLOADING_ARTIFACTS/s);
    const pdf = (await download(run, "REPORT_PDF")).toString("latin1");
    assert.match(pdf, /^%PDF-1\.4\n.*%%EOF\n$/s);
    assert.equal(pdf.match(/\/Subtype \/Image/g)?.length, 4);
    assert.ok(pdf.includes("b.mp4"));
  });

  for (const [state, fault, reason] of [
    ["FAILED", "", /ERROR FAILED: None of the 1 inputs could be decoded/],
    ["CRASHED", "crash:EMBEDDING", /ERROR CRASHED: Injected fault: the worker crashes in state EMBEDDING/],
  ] as const) {
    it(`are the log with the reason if the run ends ${state}`, async () => {
      await cloud.upload("b.mp4", Buffer.from("no video at all"));
      const scheduled = await cloud.schedule(datasetId, TEN_PERCENT);
      const worker = cloud.startWorker({ SANDBOX_WORKER_FAULT: fault });
      assert.equal(await worker.exitCode, 1, worker.output());
      const run = await cloud.runOf(scheduled);
      assert.deepEqual([run.state, run.artifacts.map(({ type }) => type)], [state, ["LOG"]]);
      const log = String(await download(run, "LOG"));
      assert.match(log, /INFO INITIALIZING: /);
      assert.match(log, reason);
    });
  }

  it("are none if the log can't be stored, and the end of the run is reported nevertheless", async () => {
    const operation = "POST /v1/docker/runs/{runId}/artifacts";
    cloud.faults.add({ service: "lightly", operation, kind: "status", status: 403 });
    const scheduled = await cloud.schedule(datasetId, TEN_PERCENT);
    assert.equal(await cloud.startWorker().exitCode, 1);
    const { state, artifacts } = await cloud.runOf(scheduled);
    assert.deepEqual([state, artifacts], ["FAILED", []]);
  });

  it("come with embeddings of all samples of the dataset, those of earlier runs included", async () => {
    await cloud.upload("a, 1.mp4", clip);
    await work();
    const [first] = await embeddings();
    assert.match(first?.name ?? "", /^default_\d{8}_\d{2}h\d{2}m\d{2}s_[a-f0-9]{24}$/);
    const [header = "", row = ""] = first?.lines ?? [];
    assert.match(header, /^filenames,embedding_0,embedding_1,.*,embedding_383,labels$/);
    assert.match(row, /^"a, 1-\d{2}-mp4\.png",-?\d/);
    assert.equal(first?.lines.length, 5);
    await cloud.upload("b.mp4", clip);
    await work();
    const [second, ...older] = await embeddings();
    assert.deepEqual([second?.lines.length, older.length], [9, 1]);
    assert.deepEqual(second?.lines.slice(0, 5), first?.lines);
  });
});
