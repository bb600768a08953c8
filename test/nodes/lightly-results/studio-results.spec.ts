import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { runs } from "../../../src/runs/run-registry.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { helper, loadFlow, result, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";
import { makeStudioRun, type StudioRun } from "../support/studio-run.ts";

const SECRETS = /X-Amz-Signature=(?!\*)/;

describe("the lightly-results node, with a selection of LightlyStudio", () => {
  useNodeRed();
  const local = useSandbox();
  let run: StudioRun;
  let messages = 0;

  before(async () => {
    run = await makeStudioRun(local.sandbox, { runId: "run-1" });
  });

  /** A message of a run whose step has made the selection with the account of the node `select`. */
  async function ofRun({ output, runId: studioRunId, lightly }: StudioRun): Promise<Record<string, unknown>> {
    messages += 1;
    const runId = `studio ${messages}`;
    const identity = { nodeId: "select", type: "lightly-studio-select", role: "select", name: "" } as const;
    const selecting = runs.begin(runId, { ...identity, alwaysRuns: false });
    await selecting.saveCheckpoint({ output, studioRunId });
    selecting.complete({ lightly });
    return { runId, lightly };
  }

  async function answer(options: Record<string, unknown>, msg: Record<string, unknown>, isDeleted = false) {
    await helper.unload();
    const step = { type: "lightly-results", datasetId: "lightly.datasetId", datasetIdType: "msg", ...options };
    const { others, credentials } = local.accounts;
    const maker = { id: "select", type: "lightly-studio-select", account: "aws" };
    const flow = await loadFlow({ step, credentials, others: isDeleted ? others : [...others, maker] });
    flow.receive(msg);
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    return flow;
  }

  async function returned(options: Record<string, unknown>, of = run) {
    const flow = await answer({ awsAccount: "aws", ...options }, await ofRun(of));
    deepEqual(
      flow.caught.map(({ error }) => error),
      [],
    );
    const { selection } = result<{ selection: Record<string, unknown> }>(flow, "lightly");
    return { flow, selection, payload: result<unknown>(flow, "payload") };
  }

  const failure = async (options: Record<string, unknown>, msg: Record<string, unknown>, isDeleted = false) =>
    (await answer(options, msg, isDeleted)).caught[0]?.error;

  it("returns the names of the frames in the order of selection, without a Lightly account", async () => {
    const { payload, selection } = await returned({});
    deepEqual(payload, run.names);
    const { runId, manifest } = run;
    deepEqual(selection, { count: 3, engine: "studio", runId, manifest, format: "list" });
  });

  it("returns times and distances of the manifest in all formats that have room for them", async () => {
    const video = `s3://${local.sandbox.buckets.input}/videos/a.mp4`;
    const csv = String((await returned({ format: "csv" })).payload).split("\r\n");
    deepEqual(csv.slice(0, 3), [
      "file_name,video,frame,time_seconds,distance",
      `${run.names[0]},${video},0,0,`,
      `${run.names[1]},${video},30,1,1`,
    ]);
    const coco = (await returned({ format: "coco" })).payload as { info: object; images: object[] };
    deepEqual(coco.info, { description: "Selected by LightlyStudio: street, run-1" });
    const position = { video, frame: 60 };
    deepEqual(coco.images[2], { id: 3, file_name: run.names[2], ...position, time_seconds: 2, distance: 0.5 });
    const tasks = (await returned({ format: "labelStudio" })).payload as Array<{ data: object }>;
    deepEqual(tasks[2]?.data, {
      image: `${run.output}/run-1/frames/${run.names[2]}`,
      lightlyFileName: run.names[2],
      ...position,
      timeSeconds: 2,
      distance: 0.5,
    });
  });

  it("returns no time for a video that has none", async () => {
    const timeless = await makeStudioRun(local.sandbox, { runId: "timeless", frame: () => ({ seconds: -1 }) });
    const { payload } = await returned({ format: "csv" }, timeless);
    match(String(payload).split("\r\n")[2] ?? "", /,30,,1$/);
  });

  it("signs URLs with the AWS account, only on the message", async () => {
    const { flow, payload } = await returned({ format: "urls", linkExpiryHours: "2" });
    const [first] = payload as Array<{ fileName: string; readUrl: string }>;
    match(String(first?.readUrl), /X-Amz-Expires=7200/);
    const picture = await (await fetch(String(first?.readUrl))).bytes();
    deepEqual(Buffer.from(picture), run.bytes.get(run.names[0] ?? ""));
    doesNotMatch(JSON.stringify([runs.get(`studio ${messages}`), flow.statuses]), SECRETS);
  });

  it("copies the frames to a folder", async () => {
    const folder = temporaryFolder();
    // Only the account's own store is allowed.
    const allowed = process.env.LIGHTLY_AWS_ALLOWED_HOSTS;
    process.env.LIGHTLY_AWS_ALLOWED_HOSTS = "";
    try {
      const { selection } = await returned({ destination: "folder", folder, folderType: "str" });
      equal(selection.folder, folder);
    } finally {
      process.env.LIGHTLY_AWS_ALLOWED_HOSTS = allowed;
    }
    for (const [name, bytes] of run.bytes) {
      deepEqual(await readFile(join(folder, name)), bytes);
    }
    equal((await readdir(folder, { recursive: true })).length, 4);
  });

  it("has S3 copy the frames to S3, with the same account", async () => {
    const gets = local.sandbox.faults.add({ service: "s3", operation: "GetObject", kind: "latency", latencyMs: 0 });
    const { payload, selection } = await returned({
      format: "labelStudio",
      destination: "s3",
      bucket: "lightly-input",
      prefix: "frames",
    });
    equal(selection.uri, "s3://lightly-input/frames/");
    const [task] = payload as Array<{ data: { image: string } }>;
    equal(task?.data.image, `s3://lightly-input/frames/${run.names[0]}`);
    for (const [name, bytes] of run.bytes) {
      deepEqual(await buffer(await local.sandbox.record.read("lightly-input", `frames/${name}`)), bytes);
    }
    // Only the manifest was read.
    equal(local.sandbox.faults.list().find(({ id }) => id === gets)?.seen, 1);
  });

  it("returns nothing for a run that has selected nothing, which is no error", async () => {
    const nothing = await makeStudioRun(local.sandbox, { runId: "nothing", frames: 0 });
    const { payload, selection } = await returned({ format: "coco", destination: "folder" }, nothing);
    deepEqual((payload as { images: [] }).images, []);
    equal(selection.count, 0);
  });

  describe("without an AWS account in the form", () => {
    it("uses that of the step which has made the selection, also to copy to S3", async () => {
      const { payload } = await returned({
        awsAccount: "",
        format: "csv",
        destination: "s3",
        bucket: "lightly-input",
        prefix: "of-step",
      });
      match(String(payload), /^file_name,/);
      const [name = ""] = run.names;
      deepEqual(await buffer(await local.sandbox.record.read("lightly-input", `of-step/${name}`)), run.bytes.get(name));
    });

    it("fails for a selection that its run has not made, whatever the message says", async () => {
      const error = await failure({}, { runId: "another", lightly: run.lightly });
      equal(error?.code, "ACCOUNT_MISSING");
    });

    it("fails if the node that has made the selection was deleted", async () => {
      equal((await failure({}, await ofRun(run), true))?.code, "ACCOUNT_MISSING");
    });
  });

  describe("fails", () => {
    const withAccount = { awsAccount: "aws" };

    it("when the manifest of the message is not one", async () => {
      for (const manifest of [
        "s3://lightly-output/studio/manifest.json.txt",
        "s3://b/../manifest.json",
        7,
        undefined,
      ]) {
        const error = await failure(withAccount, { lightly: { engine: "studio", manifest } });
        equal(error?.code, "INPUT_INVALID");
      }
    });

    it("when the selection was canceled, and says which output to use", async () => {
      const error = await failure(withAccount, { lightly: { engine: "studio", state: "CANCELED" } });
      equal(error?.code, "INPUT_INVALID");
      match(String(error?.message), /no manifest .*Connect the node to the first output of a studio select node/);
    });

    it("when there is no manifest", async () => {
      const manifest = "s3://lightly-output/studio/none/manifest.json";
      const error = await failure(withAccount, { lightly: { engine: "studio", manifest } });
      equal(error?.code, "STUDIO_MANIFEST_INVALID");
      match(String(error?.message), /studio\/none\/manifest\.json does not exist/);
    });

    for (const [what, uri] of [
      ["in another bucket", "s3://lightly-input/private.png"],
      ["of another run", "s3://lightly-output/studio/run-1/frames/0123456789/a-000000-mp4.png"],
      ["beside its pictures", "s3://lightly-output/studio/evil/private.png"],
      ["with dots in its path", "s3://lightly-output/studio/evil/frames/../../run-1/frames/a.png"],
      ["that is no picture", "s3://lightly-output/studio/evil/frames/state.json"],
    ] as const) {
      it(`when the manifest names an object ${what}, and reads none`, async () => {
        const evil = await makeStudioRun(local.sandbox, { runId: "evil", frames: 1, frame: () => ({ uri }) });
        const id = local.sandbox.faults.add({ service: "s3", kind: "latency", latencyMs: 0 });
        const folder = temporaryFolder();
        const error = await failure({ ...withAccount, destination: "folder", folder }, await ofRun(evil));
        equal(error?.code, "STUDIO_MANIFEST_INVALID");
        equal(local.sandbox.faults.list().find((fault) => fault.id === id)?.seen, 1, "more than the manifest was read");
        deepEqual(await readdir(folder), []);
      });
    }

    it("when the account may not read the manifest", async () => {
      local.sandbox.faults.add({
        service: "s3",
        operation: "GetObject",
        kind: "status",
        status: 403,
        code: "AccessDenied",
      });
      equal((await failure(withAccount, await ofRun(run)))?.code, "S3_ACCESS_DENIED");
    });
  });
});
