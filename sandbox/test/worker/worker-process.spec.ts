import assert from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import { type Clip, readClipLibrary } from "../../src/clips/clip-library.ts";
import type { RunReport } from "../../src/worker/worker-report.ts";
import { testClips } from "../clips/test-clips.ts";
import { type Cloud, startCloud, TEN_PERCENT, TOKEN } from "./cloud.ts";

interface Tag {
  id: string;
  name: string;
  bitMaskData: string;
  totSize: number;
  runId?: string;
}

describe("The stand-in worker", () => {
  let cloud: Cloud;
  let clips: readonly Clip[] = [];
  let clipsDir = "";

  const clipFile = (index: number): string => join(clipsDir, clips[index]?.files[1]?.name ?? "");
  const framesOf = (index: number): number => clips[index]?.frames ?? 0;
  const workerState = async (): Promise<string | undefined> =>
    (await cloud.api<Array<{ state: string }>>("GET", "/v1/docker/worker")).at(-1)?.state;
  const reportOf = async (runId: string): Promise<RunReport> =>
    JSON.parse(String(await cloud.read(`out/.lightly/runs/${runId}/report.json`))) as RunReport;

  before(async () => {
    clipsDir = await testClips();
    clips = (await readClipLibrary(clipsDir))?.clips ?? [];
  });
  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.close());

  it("selects ten percent of a clip, writes frames, thumbnails, tag and report, and exits with 0", async () => {
    const tenth = Math.round(framesOf(0) / 10);
    const datasetId = await cloud.createDataset("street");
    await cloud.upload("cam/a.mp4", clipFile(0));
    const scheduled = await cloud.schedule(datasetId, TEN_PERCENT);
    const worker = cloud.startWorker();
    assert.equal(await worker.exitCode, 0, worker.output());

    const run = await cloud.runOf(scheduled);
    assert.deepEqual([run.state, run.message], ["COMPLETED", `${tenth} of ${framesOf(0)} frames selected`]);
    const states = [...new Set((await cloud.logOf(run.id)).map(({ state }) => state))];
    assert.deepEqual(states, [
      ...[
        "STARTED",
        "INITIALIZING",
        "LOADING_DATASET",
        "COMPUTING_METADATA",
        "EMBEDDING",
        "SAMPLING",
        "SAVING_RESULTS",
      ],
      ...["UPLOADING_DATASET", "GENERATING_REPORT", "UPLOADING_REPORT", "UPLOADED_REPORT", "UPLOADING_ARTIFACTS"],
      ...["UPLOADED_ARTIFACTS", "COMPLETED"],
    ]);

    const keys = await cloud.keys();
    const frames = keys.filter((key) => key.startsWith("out/.lightly/frames/cam/"));
    assert.equal(frames.length, tenth);
    assert.ok(frames.every((key) => /\/a-\d{2}-mp4\.png$/.test(key)));
    assert.equal(
      keys.filter((key) => /^out\/\.lightly\/thumbnails\/cam\/a-\d{2}-mp4_thumb\.png$/.test(key)).length,
      tenth,
    );
    const picture = await sharp(await cloud.read(frames[0] ?? "")).metadata();
    assert.deepEqual([picture.format, picture.width, picture.height], ["png", 320, 180]);

    const [tag, ...others] = await cloud.api<Tag[]>("GET", `/v1/docker/runs/${run.id}/tags`);
    assert.deepEqual([others.length, tag?.totSize, tag?.bitMaskData], [0, tenth, `0x${(2 ** tenth - 1).toString(16)}`]);
    const names = await cloud.api<Array<{ fileName: string }>>(
      "GET",
      `/v1/datasets/${datasetId}/samples?fileName=${encodeURIComponent(frames[0]?.slice("out/.lightly/frames/".length) ?? "")}`,
    );
    assert.equal(names.length, 1);

    const report = await reportOf(run.id);
    assert.deepEqual([report.framesSeen, report.framesSelected, report.selectedBefore], [framesOf(0), tenth, 0]);
    assert.deepEqual(report.inputs[0]?.selectedFrames.length, tenth);
    assert.equal(Math.round((report.inputs[0]?.durationSeconds ?? 0) * 15), framesOf(0));
    assert.equal(await workerState(), "OFFLINE");
    assert.ok(!worker.output().includes(TOKEN));
  });

  it("skips processed inputs, counts earlier picks as selected, and deletes nothing (datapool)", async () => {
    const selectedFirst = Math.round(framesOf(3) * 0.3);
    const datasetId = await cloud.createDataset("pool");
    await cloud.upload("first.mp4", clipFile(3));
    const first = await cloud.schedule(datasetId, { ...TEN_PERCENT, proportionSamples: 0.3 });
    assert.equal(await cloud.startWorker().exitCode, 0);
    const keysBefore = await cloud.keys();
    const distance = 0.12;
    // The same clip with another name contains nothing new; the other one does.
    await cloud.upload("again.mp4", clipFile(3));
    await cloud.upload("second.mp4", clipFile(5));
    const strategy = { type: "DIVERSITY", stopping_condition_minimum_distance: distance };
    const second = await cloud.schedule(datasetId, { strategies: [{ input: { type: "EMBEDDINGS" }, strategy }] });
    assert.equal(await cloud.startWorker().exitCode, 0);

    const run = await cloud.runOf(second);
    const report = await reportOf(run.id);
    assert.equal(report.selectedBefore, selectedFirst);
    assert.deepEqual(report.inputs.map(({ name }) => name).sort(), ["again.mp4", "second.mp4"]);
    const share = (name: string): number =>
      report.inputs.find((input) => input.name === name)?.selectedFrames.length ?? 0;
    assert.ok(share("second.mp4") > 4, `${share("second.mp4")}`);
    assert.ok(share("again.mp4") <= 2, `${share("again.mp4")}`);
    const keys = await cloud.keys();
    assert.ok(keysBefore.every((key) => keys.includes(key)));

    const [tag] = await cloud.api<Tag[]>("GET", `/v1/docker/runs/${run.id}/tags`);
    const [firstTag] = await cloud.api<Tag[]>("GET", `/v1/docker/runs/${(await cloud.runOf(first)).id}/tags`);
    const total = selectedFirst + report.framesSelected;
    assert.deepEqual([tag?.totSize, firstTag?.totSize], [total, total]);
    assert.equal(BigInt(tag?.bitMaskData ?? "0x0") & BigInt(firstTag?.bitMaskData ?? "0x0"), 0n);

    const third = await cloud.schedule(datasetId, TEN_PERCENT);
    assert.equal(await cloud.startWorker().exitCode, 0);
    assert.match((await cloud.runOf(third)).message ?? "", /no new input/);
  });

  it("selects the same frames again without a datapool, and keeps one sample of each", async () => {
    const datasetId = await cloud.createDataset("again");
    await cloud.upload("a.mp4", clipFile(3));
    const options = { shutdownWhenJobFinished: true, useDatapool: false };
    for (let round = 0; round < 2; round += 1) {
      const scheduled = await cloud.schedule(
        datasetId,
        { ...TEN_PERCENT, proportionSamples: 0.2, nSamples: 5 },
        options,
      );
      assert.equal(await cloud.startWorker().exitCode, 0);
      const [tag] = await cloud.api<Tag[]>("GET", `/v1/docker/runs/${(await cloud.runOf(scheduled)).id}/tags`);
      assert.deepEqual([tag?.totSize, tag?.bitMaskData], [5, "0x1f"]);
    }
  });

  it("selects photos too, without copying them", async () => {
    const datasetId = await cloud.createDataset("photos", "Images");
    for (const [index, color] of ["#ff0000", "#fe0000", "#0000ff", "#00ff00", "#00fe00"].entries()) {
      const photo = sharp({ create: { width: 400, height: 300, channels: 3, background: color } });
      await cloud.upload(`p${index}.jpg`, await photo.jpeg().toBuffer());
    }
    const scheduled = await cloud.schedule(datasetId, { ...TEN_PERCENT, proportionSamples: 0.6 });
    assert.equal(await cloud.startWorker().exitCode, 0);
    const report = await reportOf((await cloud.runOf(scheduled)).id);
    const picked = report.selected.map(({ fileName }) => fileName.slice(1, 2));
    assert.deepEqual(picked.map((name) => ({ 0: "red", 1: "red", 2: "blue", 3: "green", 4: "green" })[name]).sort(), [
      "blue",
      "green",
      "red",
    ]);
    const keys = (await cloud.keys()).filter((key) => key.startsWith("out/.lightly/thumbnails/"));
    assert.equal(keys.length, 3);
    assert.equal((await sharp(await cloud.read(keys[0] ?? "")).metadata()).format, "jpeg");
  });

  it("continues without a damaged file, and reports it", async () => {
    const datasetId = await cloud.createDataset("broken");
    await cloud.upload("a.mp4", clipFile(3));
    await cloud.upload("b.mp4", Buffer.from("no video at all"));
    await cloud.upload("c.avi", Buffer.from("RIFF"));
    const scheduled = await cloud.schedule(datasetId, TEN_PERCENT);
    assert.equal(await cloud.startWorker().exitCode, 0);
    const run = await cloud.runOf(scheduled);
    const warnings = (await cloud.logOf(run.id)).filter(({ level }) => level === "WARNING").map(({ msg }) => msg);
    assert.match(warnings.join("\n"), /Skipped c\.avi.*convert AVI[\s\S]*Skipped b\.mp4/);
    assert.deepEqual(
      (await reportOf(run.id)).broken.map(({ name }) => name),
      ["b.mp4"],
    );
  });

  it("ends a run with unsupported options or without inputs as FAILED, with the reason", async () => {
    const datasetId = await cloud.createDataset("refused");
    const cases: Array<[object, object, RegExp]> = [
      [TEN_PERCENT, { shutdownWhenJobFinished: true }, /INPUT datasource contains no supported file/],
      [
        {
          nSamples: 3,
          strategies: [{ input: { type: "SCORES", score: "uncertainty" }, strategy: { type: "WEIGHTS" } }],
        },
        { shutdownWhenJobFinished: true },
        /does not support SCORES \+ WEIGHTS/,
      ],
      [
        TEN_PERCENT,
        { shutdownWhenJobFinished: true, enableTraining: true, pretagging: true },
        /does not support enableTraining, pretagging/,
      ],
    ];
    for (const [selection, docker, message] of cases) {
      const scheduled = await cloud.schedule(datasetId, selection, docker);
      const worker = cloud.startWorker();
      assert.equal(await worker.exitCode, 1);
      const run = await cloud.runOf(scheduled);
      assert.equal(run.state, "FAILED");
      assert.match(run.message ?? "", message);
      assert.match(worker.output(), message);
      assert.equal(await workerState(), "OFFLINE");
    }
  });

  it("crashes at a configured state, and if the storage refuses its files", async () => {
    const datasetId = await cloud.createDataset("crash");
    await cloud.upload("a.mp4", clipFile(3));
    const injected = await cloud.schedule(datasetId, TEN_PERCENT);
    assert.equal(await cloud.startWorker({ SANDBOX_WORKER_FAULT: "crash:SAMPLING" }).exitCode, 1);
    const crashed = await cloud.runOf(injected);
    assert.deepEqual(
      [crashed.state, crashed.message],
      ["CRASHED", "Injected fault: the worker crashes in state SAMPLING."],
    );
    assert.equal(
      (await cloud.logOf(crashed.id)).some(({ state }) => state === "EMBEDDING"),
      true,
    );

    const refused = await cloud.schedule(datasetId, TEN_PERCENT);
    cloud.faults.add({ service: "s3", operation: "PutObject", kind: "status", status: 403, code: "AccessDenied" });
    assert.equal(await cloud.startWorker().exitCode, 1);
    assert.match(
      (await cloud.runOf(refused)).message ?? "",
      /can't be written to the datasource: the storage answered 403/,
    );
  });

  it("tolerates throttling by the storage and the API", async () => {
    const datasetId = await cloud.createDataset("throttled");
    await cloud.upload("a.mp4", clipFile(3));
    const scheduled = await cloud.schedule(datasetId, { ...TEN_PERCENT, nSamples: 3 });
    cloud.faults.add({ service: "s3", operation: "GetObject", kind: "throttle", times: 1 });
    cloud.faults.add({ service: "s3", operation: "PutObject", kind: "throttle", times: 1 });
    cloud.faults.add({ service: "lightly", operation: "PUT /v1/docker/runs*", kind: "reset", times: 1 });
    const worker = cloud.startWorker();
    assert.equal(await worker.exitCode, 0, worker.output());
    assert.equal((await cloud.runOf(scheduled)).state, "COMPLETED");
    assert.ok(
      cloud.faults.list().every(({ applied }) => applied === 1),
      "each fault was applied",
    );
  });

  it("reports ABORTED and OFFLINE when it is stopped during a run", async () => {
    const datasetId = await cloud.createDataset("stopped");
    await cloud.upload("a.mp4", clipFile(3));
    const scheduled = await cloud.schedule(datasetId, TEN_PERCENT);
    const worker = cloud.startWorker({ SANDBOX_WORKER_FAULT: "never-ends" });
    await cloud.runOf(scheduled, ({ state }) => state === "COMPUTING_METADATA");
    worker.child.kill("SIGTERM");
    assert.equal(await worker.exitCode, 143);
    assert.equal((await cloud.runOf(scheduled)).state, "ABORTED");
    assert.equal(await workerState(), "OFFLINE");
  });

  it("in instant mode completes each run at once and waits for the next one until it is stopped", async () => {
    const datasetId = await cloud.createDataset("instant");
    const { id } = await cloud.api<{ id: string }>("POST", "/v1/docker/worker", {
      name: "known worker",
      workerType: "FULL",
    });
    const worker = cloud.startWorker({ SANDBOX_WORKER_MODE: "instant" }, [`worker.worker_id=${id}`]);
    for (let round = 0; round < 2; round += 1) {
      const scheduled = await cloud.schedule(datasetId, TEN_PERCENT, { shutdownWhenJobFinished: false });
      const run = await cloud.runOf(scheduled, ({ state }) => state === "COMPLETED");
      assert.equal(run.message, "instant mode: nothing was decoded");
    }
    worker.child.kill("SIGTERM");
    assert.equal(await worker.exitCode, 143);
    assert.match(worker.output(), new RegExp(`Worker ${id} is waiting`));
    assert.equal((await cloud.api<unknown[]>("GET", "/v1/docker/worker")).length, 1, "no worker of its own");
  });

  it("reports the problem and exits with 1 without a token, with a wrong one, or with a malformed id", async () => {
    const cases: Array<[Record<string, string>, string[], RegExp]> = [
      [{ LIGHTLY_TOKEN: "" }, [], /set LIGHTLY_TOKEN/],
      [{ LIGHTLY_TOKEN: "wrong-token" }, [], /answered 401/],
      [{}, ["worker.worker_id=XYZ"], /24 lower-case hexadecimal digits/],
      [{ LIGHTLY_SERVER_LOCATION: "http://127.0.0.1:9" }, [], /is not reachable/],
    ];
    for (const [environment, args, message] of cases) {
      const worker = cloud.startWorker(environment, args);
      assert.equal(await worker.exitCode, 1);
      assert.match(worker.output(), message);
      assert.doesNotMatch(worker.output(), /wrong-token/);
    }
  });
});
