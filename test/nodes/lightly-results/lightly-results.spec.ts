import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { runs } from "../../../src/runs/run-registry.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { helper, loadFlow, result, type TestFlow, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";
import { makeTaggedDataset, type TaggedDataset } from "../support/tagged-dataset.ts";

/** The signs of a signed URL of the sandbox, or of a link of Lightly. */
const SECRETS = /X-Amz-Signature=(?!\*)|publicToken=(?!\*)/;

describe("the lightly-results node", () => {
  useNodeRed();
  const local = useSandbox();
  let dataset: TaggedDataset;
  let folder = "";
  let failures = 0;

  before(async () => {
    dataset = await makeTaggedDataset(local.sandbox, { name: "frames of a video", frames: 12 });
  });
  beforeEach(() => {
    folder = temporaryFolder();
  });

  const step = (options: Record<string, unknown> = {}) => ({
    type: "lightly-results",
    account: "lightly",
    datasetId: "lightly.datasetId",
    datasetIdType: "msg",
    tag: "lightly.tag",
    tagType: "msg",
    ...options,
  });
  const ofRun = ({ datasetId, tagId, tag }: TaggedDataset) => ({
    lightly: { datasetId, tag: { tagId, name: tag }, state: "COMPLETED" },
  });
  let selections = 0;
  /** A message of a run whose *lightly run* step has set these datasources on the dataset. */
  async function ofSelection(of: TaggedDataset, datasources: readonly string[]): Promise<Record<string, unknown>> {
    selections += 1;
    const runId = `selection ${selections}`;
    const identity = { nodeId: "select", type: "lightly-run", role: "select", name: "", alwaysRuns: false } as const;
    const selecting = runs.begin(runId, identity);
    await selecting.saveCheckpoint({ datasetId: of.datasetId, datasources });
    selecting.complete({});
    return { runId, ...ofRun(of) };
  }
  const DATASOURCES = ["s3://lightly-input/videos", "s3://lightly-output/frames of a video/"];
  const load = async (options: Record<string, unknown> = {}): Promise<TestFlow> => {
    // Several flows in one test.
    await helper.unload();
    return loadFlow({ step: step(options), ...local.accounts });
  };
  async function run(options: Record<string, unknown> = {}, msg: Record<string, unknown> = ofRun(dataset)) {
    const flow = await load(options);
    flow.receive(msg);
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    deepEqual(
      flow.caught.map(({ error }) => error),
      [],
    );
    return { flow, payload: result<unknown>(flow, "payload"), selection: result<Lightly>(flow, "lightly").selection };
  }
  interface Lightly {
    readonly state?: string;
    readonly selection: Record<string, unknown>;
  }
  const count = (service: "s3" | "lightly", operation: string): (() => number) => {
    const id = local.sandbox.faults.add({ service, operation, kind: "latency", latencyMs: 0 });
    return () => local.sandbox.faults.list().find((fault) => fault.id === id)?.seen ?? 0;
  };
  const stored = async (bucket: string, key: string): Promise<Buffer> =>
    buffer(await local.sandbox.record.read(bucket, key));

  describe("returns", () => {
    it("the names of the run's tag, and keeps the result of lightly run", async () => {
      const { flow, payload, selection } = await run();
      deepEqual(payload, dataset.names);
      equal(result<Lightly>(flow, "lightly").state, "COMPLETED");
      const { datasetId, tagId, tag } = dataset;
      deepEqual(selection, { count: 6, tag, tagId, datasetId, format: "list" });
      deepEqual(flow.statuses.at(-1), { fill: "green", shape: "dot", text: "lightly-results.status.done" });
    });

    it("a CSV with video, frame and time", async () => {
      const { payload } = await run({ format: "csv" });
      const lines = String(payload).split("\r\n");
      equal(lines[0], "file_name,video,frame,time_seconds");
      equal(lines[2], "cam/a-0002-mp4.png,cam/a.mp4,2,0.2");
      deepEqual(
        lines.slice(1, -1).map((line) => line.split(",")[0]),
        dataset.names,
      );
    });

    it("a COCO list of images with their sizes", async () => {
      const { payload } = await run({ format: "coco" });
      const { images, annotations, categories } = payload as { images: object[]; annotations: []; categories: [] };
      deepEqual(images[1], {
        id: 2,
        file_name: "cam/a-0002-mp4.png",
        width: 1920,
        height: 1080,
        video: "cam/a.mp4",
        frame: 2,
        time_seconds: 0.2,
      });
      deepEqual([images.length, annotations, categories], [6, [], []]);
    });

    it("tasks for Label Studio with S3 URIs, which contain no secret", async () => {
      const { payload } = await run({ format: "labelStudio" });
      const tasks = payload as Array<{ data: { image: string; lightlyFileName: string } }>;
      deepEqual(
        tasks.map(({ data }) => data.image),
        dataset.names.map((name) => `s3://lightly-output/frames of a video/.lightly/frames/${name}`),
      );
      doesNotMatch(JSON.stringify(payload), SECRETS);
    });

    it("tasks for Label Studio with signed URLs if requested", async () => {
      const { payload } = await run({ format: "labelStudio", links: "signed", linkExpiryHours: "2" });
      const [task] = payload as Array<{ data: { image: string; lightlyFileName: string } }>;
      const picture = await (await fetch(String(task?.data.image))).bytes();
      deepEqual(Buffer.from(picture), dataset.bytes.get(dataset.names[0] ?? ""));
      match(String(task?.data.image), /X-Amz-Expires=7200/);
    });

    it("signed URLs if requested, only on the message", async () => {
      const { flow, payload } = await run({ format: "urls" }, { ...ofRun(dataset), runId: "asks for urls" });
      const urls = payload as Array<{ fileName: string; readUrl: string; expiresAt: string }>;
      deepEqual(
        urls.map(({ fileName }) => fileName),
        dataset.names,
      );
      equal((await fetch(String(urls[3]?.readUrl))).status, 200);
      ok(Date.parse(String(urls[0]?.expiresAt)) > Date.now());
      match(JSON.stringify(payload), SECRETS);
      doesNotMatch(JSON.stringify([runs.get("asks for urls"), flow.statuses]), SECRETS);
    });

    it("nothing for a tag without frames, which is no error", async () => {
      const empty = await makeTaggedDataset(local.sandbox, {
        name: "nothing selected",
        frames: 3,
        tagged: () => false,
      });
      for (const [format, nothing] of [
        ["list", []],
        ["csv", "file_name,video,frame,time_seconds\r\n"],
        ["labelStudio", []],
        ["urls", []],
      ]) {
        const { payload, selection } = await run({ format, destination: "folder", folder }, ofRun(empty));
        deepEqual(payload, nothing);
        equal(selection.count, 0);
      }
    });

    it("the frames of the tag in the form, by its name or its id", async () => {
      for (const tag of [dataset.tag, dataset.tagId]) {
        const { payload } = await run({ datasetId: dataset.datasetId, datasetIdType: "str", tag, tagType: "str" }, {});
        deepEqual(payload, dataset.names);
      }
      const { payload } = await run({ tag: "initial-tag", tagType: "str" });
      equal((payload as string[]).length, 12);
    });
  });

  describe("transfers the frames", () => {
    it("to a folder, byte by byte, without leaving incomplete files", async () => {
      const { payload, selection } = await run({
        destination: "folder",
        folder,
        folderType: "str",
        format: "csv",
      });
      match(String(payload), /^file_name,/);
      for (const [name, bytes] of dataset.bytes) {
        deepEqual(await readFile(join(folder, name)), bytes);
      }
      equal((await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".png")).length, 6);
      deepEqual(
        (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".part")),
        [],
      );
      equal(selection.folder, folder);
      equal(selection.bytes, 6 * 200);
    });

    it("to a folder without downloading existing files with the right length again", async () => {
      const [there = ""] = dataset.names;
      await mkdir(dirname(join(folder, there)), { recursive: true });
      await writeFile(join(folder, there), Buffer.alloc(200, "x"));
      await run({ destination: "folder", folder });
      deepEqual(await readFile(join(folder, there)), Buffer.alloc(200, "x"));
    });

    it("to S3 by a copy in S3 if the account may read Lightly's bucket", async () => {
      const gets = count("s3", "GetObject");
      const { selection } = await run(
        {
          destination: "s3",
          awsAccount: "aws",
          bucket: "lightly-input",
          prefix: "/copied/",
        },
        await ofSelection(dataset, DATASOURCES),
      );
      equal(gets(), 0);
      equal(selection.uri, "s3://lightly-input/copied/");
      for (const [name, bytes] of dataset.bytes) {
        deepEqual(await stored("lightly-input", `copied/${name}`), bytes);
      }
      const copies = count("s3", "CopyObject");
      await run(
        { destination: "s3", awsAccount: "aws", bucket: "lightly-input", prefix: "copied" },
        await ofSelection(dataset, DATASOURCES),
      );
      equal(copies(), 0, "what was there has been copied again");
    });

    it("to S3 through signed URLs if the run has set no datasource, even if the message names one", async () => {
      const copies = count("s3", "CopyObject");
      const other = await ofSelection({ ...dataset, datasetId: "0123456789abcdef01234567" }, DATASOURCES);
      const msg = { runId: other.runId, ...ofRun(dataset), datasources: DATASOURCES };
      await run({ destination: "s3", awsAccount: "aws", bucket: "lightly-input", prefix: "unknown" }, msg);
      equal(copies(), 0);
      for (const [name, bytes] of dataset.bytes) {
        deepEqual(await stored("lightly-input", `unknown/${name}`), bytes);
      }
    });

    it("to S3 through signed URLs if the account may not copy", async () => {
      local.sandbox.faults.add({
        service: "s3",
        operation: "CopyObject",
        kind: "status",
        status: 403,
        code: "AccessDenied",
      });
      await run(
        { destination: "s3", awsAccount: "aws", bucket: "lightly-input", prefix: "streamed" },
        await ofSelection(dataset, DATASOURCES),
      );
      for (const [name, bytes] of dataset.bytes) {
        deepEqual(await stored("lightly-input", `streamed/${name}`), bytes);
      }
      const puts = count("s3", "PutObject");
      await run({ destination: "s3", awsAccount: "aws", bucket: "lightly-input", prefix: "streamed" });
      equal(puts(), 0, "what was there has been sent again");
    });

    it("to S3, and returns tasks for Label Studio with the copies", async () => {
      const { payload } = await run({
        format: "labelStudio",
        destination: "s3",
        awsAccount: "aws",
        bucket: "lightly-input",
        prefix: "labels",
      });
      const [task] = payload as Array<{ data: { image: string } }>;
      equal(task?.data.image, `s3://lightly-input/labels/${dataset.names[0]}`);
    });

    it("more than a page of them, four at a time, each once", async () => {
      const large = await makeTaggedDataset(local.sandbox, {
        name: "two pages",
        frames: 501,
        tagged: () => true,
        frameBytes: 20,
        thumbnails: false,
      });
      const pages = count("lightly", "GET /v1/datasets/{datasetId}/tags/{tagId}/export/LabelStudio/tasks");
      const gets = count("s3", "GetObject");
      const { flow, selection, payload } = await run({ destination: "folder", folder }, ofRun(large));
      equal(selection.count, 501);
      deepEqual(payload, large.names);
      equal((await readdir(join(folder, "cam"))).length, 501);
      equal(gets(), 501);
      ok(flow.statuses.some(({ text }) => text.endsWith(".fetching")));
      equal(pages(), 2);
    });
  });

  describe("fails", () => {
    async function failure(options: Record<string, unknown>, msg: Record<string, unknown> = ofRun(dataset)) {
      const flow = await load(options);
      failures += 1;
      const runId = `failure ${failures}`;
      flow.receive({ runId, ...msg });
      await flow.until(() => flow.caught.length > 0);
      equal(flow.caught.length, 1);
      deepEqual(flow.sent.flat(), []);
      doesNotMatch(JSON.stringify([flow.caught[0]?.error, flow.statuses, runs.get(runId)]), SECRETS);
      return flow.caught[0]?.error;
    }

    it("with one error that names the frame, and leaves no incomplete file", async () => {
      local.sandbox.faults.add({
        service: "s3",
        operation: "GetObject",
        kind: "status",
        status: 403,
        code: "AccessDenied",
        after: 2,
      });
      const error = await failure({ destination: "folder", folder });
      equal(error?.code, "DOWNLOAD_FAILED");
      match(String(error?.message), /The frame "cam\/a-00\d\d-mp4\.png" was not transferred \(\d of 6 were\)/);
      deepEqual(
        (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".part")),
        [],
      );
    });

    it("when the account may not write to the bucket", async () => {
      for (const operation of ["CopyObject", "PutObject"]) {
        local.sandbox.faults.add({ service: "s3", operation, kind: "status", status: 403, code: "AccessDenied" });
      }
      const error = await failure({ destination: "s3", awsAccount: "aws", bucket: "lightly-input", prefix: "denied" });
      equal(error?.code, "S3_ACCESS_DENIED");
      match(String(error?.message), /The frame "cam\/a-\d+-mp4\.png"/);
      deepEqual(await local.sandbox.record.uploads("lightly-input"), []);
    });

    it("when Lightly names a location outside the datasources of the run, and reads nothing from it", async () => {
      const msg = await ofSelection(dataset, ["s3://lightly-input/videos", "s3://lightly-output/frames of another"]);
      const asked = count("s3", "HeadObject");
      const error = await failure(
        { destination: "s3", awsAccount: "aws", bucket: "lightly-input", prefix: "refused" },
        msg,
      );
      equal(error?.code, "FRAME_SOURCE_REFUSED");
      match(String(error?.message), /s3:\/\/lightly-output\/frames of a video\/.* not in a datasource of the run/);
      equal(asked(), 0);
    });

    it("when Lightly does not let the token read", async () => {
      local.sandbox.faults.add({ service: "lightly", kind: "status", status: 403, code: "FORBIDDEN" });
      equal((await failure({}))?.code, "LIGHTLY_ACCESS_DENIED");
    });

    it("when there is no such tag, and names the existing tags", async () => {
      const error = await failure({ tag: "other", tagType: "str" });
      equal(error?.code, "LIGHTLY_TAG_NOT_FOUND");
      match(String(error?.message), /it has initial-tag, selection of frames of a video/);
    });

    it("when the message has no run and no tag is set", async () => {
      const error = await failure({}, { lightly: { datasetId: dataset.datasetId } });
      equal(error?.code, "LIGHTLY_TAG_NOT_FOUND");
      equal((await failure({}, {}))?.code, "INPUT_INVALID");
    });

    it("when no AWS account is chosen for S3", async () => {
      equal((await failure({ destination: "s3", bucket: "lightly-input" }))?.code, "ACCOUNT_MISSING");
    });

    it("when a frame is at an address that is not public", async () => {
      const allowed = process.env.LIGHTLY_AWS_ALLOWED_HOSTS;
      process.env.LIGHTLY_AWS_ALLOWED_HOSTS = "";
      try {
        const gets = count("s3", "GetObject");
        equal((await failure({ destination: "folder", folder }))?.code, "SOURCE_ADDRESS_REFUSED");
        equal(gets(), 0);
        deepEqual(await readdir(folder), []);
      } finally {
        process.env.LIGHTLY_AWS_ALLOWED_HOSTS = allowed;
      }
    });

    it("when another file has a frame's name, and does not replace it", async () => {
      const [there = ""] = dataset.names;
      await mkdir(dirname(join(folder, there)), { recursive: true });
      await writeFile(join(folder, there), "mine");
      const error = await failure({ destination: "folder", folder });
      equal(error?.code, "DESTINATION_REFUSED");
      equal(await readFile(join(folder, there), "utf8"), "mine");
    });

    it("when a frame has the name of a file that other programs read", async () => {
      for (const [index, name] of ["settings.js", ".ssh/authorized_keys", ".bashrc"].entries()) {
        const evil = await makeTaggedDataset(local.sandbox, { name: `evil ${index}`, frames: 1, nameOf: () => name });
        const error = await failure({ destination: "folder", folder }, ofRun(evil));
        equal(error?.code, "FRAME_NAME_INVALID");
        deepEqual(await readdir(folder), []);
      }
    });

    it("when a frame's name would lead out of the folder", async () => {
      const evil = await makeTaggedDataset(local.sandbox, { name: "evil", frames: 1, nameOf: () => "..\\..\\a.png" });
      const error = await failure({ destination: "folder", folder }, ofRun(evil));
      equal(error?.code, "FRAME_NAME_INVALID");
      deepEqual(await readdir(folder), []);
    });
  });
});
