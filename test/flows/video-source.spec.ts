import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { commandRun } from "../../scripts/local/run-command.ts";
import type { RunRecord, StepRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { HANG_MS } from "../support/limits.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { buttonsOf } from "./support/buttons.ts";
import { usePipeline } from "./support/pipeline.ts";
import type { FlowNode } from "./support/restarts.ts";
import { AWS, REST, source, TAB, upload } from "./support/video-flow.ts";

describe("a video source", () => {
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "instant", flow: "folder.json" });
  const buttons = buttonsOf(pipeline);
  const root = temporaryFolder();

  async function deploy(...nodes: FlowNode[]): Promise<void> {
    const url = `${pipeline.stack.nodeRed.url}/flows`;
    const kept = ((await (await fetch(url)).json()) as FlowNode[]).filter(({ id }) => id === TAB || id === AWS);
    const started = (): number => pipeline.log.filter((line) => line.includes("Started flows")).length;
    const before = started();
    const { status } = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify([...kept, ...nodes]),
    });
    equal(status, 204);
    await until(() => started() > before);
  }

  async function folderOf(name: string, files: Readonly<Record<string, number>>): Promise<string> {
    const folder = join(root, name);
    await mkdir(folder, { recursive: true });
    for (const [file, bytes] of Object.entries(files)) {
      await mkdir(join(folder, file, ".."), { recursive: true });
      await writeFile(join(folder, file), Buffer.alloc(bytes, 1));
    }
    return folder;
  }

  const isOver = ({ endedAt }: RunRecord): boolean => endedAt !== undefined;
  const named = ({ steps }: RunRecord, name: string): StepRecord[] => steps.filter((step) => step.name === name);
  const faults = () => pipeline.stack.sandbox.faults;
  const untilApplied = (fault: string): Promise<void> =>
    until(() =>
      faults()
        .list()
        .some(({ id, applied }) => id === fault && applied > 0),
    );
  const run = (): Promise<RunRecord> => buttons.runOf(() => buttons.press("go"), isOver);
  /** The message to Catch goes to the join node, which drops it. */
  const untilFailed = (): Promise<RunRecord> =>
    buttons.runOf(
      () => buttons.press("go"),
      ({ state }) => state === "failed",
    );

  it("sends each file once, and a core join node collects them", async () => {
    const folder = await folderOf("plain", {
      "b c#1?.mp4": 10,
      "a.mp4": 10,
      "inner/ü.MOV": 10,
      "notes.txt": 10,
      ".hidden.mp4": 1,
    });
    await deploy(source({ folder }), upload(), ...REST);
    const record = await run();
    equal(record.state, "completed", JSON.stringify(record.error));
    deepEqual(
      named(record, "upload").map(({ checkpoint }) => String(checkpoint?.key).split("/").at(-1)),
      ["a.mp4", "b c#1?.mp4", "ü.MOV"],
    );
    equal(named(record, "joined").length, 1);
    equal(named(record, "ended").length, 1);
    deepEqual(named(record, "source")[0]?.result, { videos: { count: 3, completed: 3, failed: 0, failures: [] } });
  });

  it("sends the files of an array, whose names may contain commas", async () => {
    const folder = await folderOf("commas", { "a.mp4": 10, "Berlin, at night.mp4": 10 });
    const list = JSON.stringify([join(folder, "a.mp4"), join(folder, "Berlin, at night.mp4")]);
    await deploy(source({ kind: "list", list, listType: "json" }), upload({ prefix: "commas" }), ...REST);
    const record = await run();
    equal(record.state, "completed", JSON.stringify(record.error));
    deepEqual(named(record, "source")[0]?.result, { videos: { count: 2, completed: 2, failed: 0, failures: [] } });
  });

  for (const [what, list] of Object.entries({
    "one per line": (paths: string[]) => paths.join("\r\n"),
    "as JSON text": (paths: string[]) => ` ${JSON.stringify(paths)}\n`,
    "with commas between absolute paths": (paths: string[]) => paths.join(", "),
  })) {
    it(`sends the files of a text ${what}, whose names may contain commas`, async () => {
      const folder = await folderOf("texts", { "Berlin, at night.mp4": 10, "a,b.mp4": 10, "[1].mp4": 10 });
      const paths = ["Berlin, at night.mp4", "a,b.mp4", "[1].mp4"].map((name) => join(folder, name));
      await deploy(
        source({ kind: "list", list: list(paths), listType: "str" }),
        upload({ prefix: "runId", prefixType: "msg" }),
        ...REST,
      );
      const record = await run();
      deepEqual(named(record, "source")[0]?.result, { videos: { count: 3, completed: 3, failed: 0, failures: [] } });
    });
  }

  it("never lets an upload take the file of the message that it has received", async () => {
    const folder = await folderOf("received", { "own.mp4": 10 });
    const go = { ...REST[0], props: [{ p: "filename", v: join(folder, "own.mp4"), vt: "str" }] } as FlowNode;
    const list = JSON.stringify(["s3://bucket/a.mp4"]);
    await deploy(
      source({ kind: "list", list, listType: "json" }),
      upload({ prefix: "received" }),
      go,
      ...REST.slice(1),
    );
    const record = await untilFailed();
    equal(named(record, "upload")[0]?.checkpoint?.key, undefined);
    equal(record.error?.code, "INPUT_INVALID");
  });

  it("sends the URLs of a list, with the commas in them", async () => {
    const { pexels } = pipeline.stack.sandbox.endpoints;
    const urls = [`${pexels}/none.mp4?at=1,2`, `${pexels}/none.mp4?at=3,4`];
    await deploy(
      source({ kind: "list", list: urls.join(","), listType: "str", maxFailures: "2" }),
      upload({ sourceKind: "url", source: "url", sourceType: "msg" }),
      ...REST,
    );
    const record = await untilFailed();
    deepEqual(
      named(record, "source")[0]?.sequence?.failures.map(({ code }) => code),
      ["SOURCE_NOT_FOUND", "SOURCE_NOT_FOUND"],
    );
  });

  it("continues when a video fails, tells which one, and completes the join", async () => {
    const folder = await folderOf("partial", { "a.mp4": 10, "empty.mp4": 0, "c.mp4": 10 });
    await deploy(source({ folder }), upload(), ...REST);
    const record = await run();
    equal(record.state, "completed", JSON.stringify(record.error));
    deepEqual(
      named(record, "upload")
        .map(({ state }) => state)
        .sort(),
      ["completed", "completed", "failed"],
    );
    equal(failuresOf(record), "SOURCE_EMPTY");
    equal(named(record, "joined").length, 1);
    equal(named(record, "ended").length, 1);
  });

  it("fails the run if all videos fail, or more than allowed", async () => {
    const folder = await folderOf("failing", { "a.mp4": 0, "b.mp4": 0 });
    await deploy(source({ folder }), upload(), ...REST);
    const all = await run();
    equal(all.state, "failed");
    equal(all.error?.code, "SOURCE_EMPTY");
    equal(named(all, "ended").length, 0);
    // The join node is complete, but a run that has failed does not go on from there.
    equal(named(all, "joined")[0]?.state ?? "aborted", "aborted");
    await folderOf("failing", { "c.mp4": 10, "d.mp4": 10, "e.mp4": 10 });
    await deploy(source({ folder, maxFailures: "1", maxConcurrency: "1" }), upload(), ...REST);
    const many = await run();
    equal(many.state, "failed");
    deepEqual(
      named(many, "upload").map(({ state }) => state),
      ["failed", "failed"],
    );
  });

  it("never has more videos in work than allowed", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`${String(index).padStart(2, "0")}.mp4`, 10]),
    );
    const folder = await folderOf("many", files);
    await deploy(source({ folder, maxConcurrency: "3" }), upload(), ...REST);
    const record = await run();
    equal(named(record, "upload").length, 30);
    ok(mostAtOnce(named(record, "upload")) <= 3, String(mostAtOnce(named(record, "upload"))));
  });

  it("sends all videos in each of two runs at once", async () => {
    const folder = await folderOf("twice", { "a.mp4": 10, "b.mp4": 10, "c.mp4": 10 });
    const own = upload({ prefix: "runId", prefixType: "msg" });
    await deploy(source({ folder }), own, ...REST);
    const known = new Set((await buttons.runs()).map(({ runId }) => runId));
    await Promise.all([buttons.press("go"), buttons.press("go")]);
    const both = async () => (await buttons.runs()).filter((one) => !known.has(one.runId) && isOver(one));
    await until(async () => (await both()).length === 2);
    for (const record of await both()) {
      equal(record.state, "completed", JSON.stringify(record.error));
      deepEqual(named(record, "source")[0]?.result, { videos: { count: 3, completed: 3, failed: 0, failures: [] } });
      equal(named(record, "joined").length, 1);
    }
  });

  it("continues when a file is removed after it was listed", async () => {
    const folder = await folderOf("removed", { "a.mp4": 10, "b.mp4": 10, "c.mp4": 10 });
    const held = { service: "s3", kind: "latency", latencyMs: HANG_MS, times: 1 } as const;
    await deploy(source({ folder, maxConcurrency: "1" }), upload({ prefix: "of-removed" }), ...REST);
    const fault = faults().add(held);
    const ended = run();
    await untilApplied(fault);
    await rm(join(folder, "c.mp4"));
    faults().remove(fault);
    const record = await ended;
    equal(record.state, "completed", JSON.stringify(record.error));
    equal(failuresOf(record), "SOURCE_NOT_FOUND");
    equal(named(record, "joined").length, 1);
  });

  it("gives each video its own run, one after the other", async () => {
    const folder = await folderOf("own", { "a.mp4": 10, "b.mp4": 0, "c.mp4": 10 });
    await deploy(source({ folder, runs: "each", maxConcurrency: "1" }), upload({ wires: [[]] }), ...REST);
    const record = await run();
    deepEqual(
      record.steps.map(({ name }) => name),
      ["source", "ended"],
    );
    const own = (await buttons.runs()).filter(({ runId }) => runId.startsWith(`${record.runId}-`));
    deepEqual(
      own.map(({ state, steps }) => [state, steps[0]?.name]),
      [
        ["completed", "upload"],
        ["failed", "upload"],
        ["completed", "upload"],
      ],
    );
    equal(failuresOf(record), "SOURCE_EMPTY");
  });

  it("aborts the runs of its videos with its own, and a retry starts one for each of them", async () => {
    const folder = await folderOf("own-aborted", { "a.mp4": 10, "b.mp4": 10, "c.mp4": 10 });
    const held = faults().add({ service: "s3", kind: "latency", latencyMs: HANG_MS });
    const own = upload({ prefix: "own-aborted", wires: [[]] });
    await deploy(source({ folder, runs: "each", maxConcurrency: "2" }), own, ...REST);
    const of = async (runId: string): Promise<RunRecord[]> =>
      (await buttons.runs()).filter((one) => one.runId.startsWith(`${runId}-`));
    const { runId } = await buttons.runOf(
      () => buttons.press("go"),
      ({ steps }) => steps.length > 0,
    );
    await until(async () => (await of(runId)).length === 2);
    equal((await commandRun(pipeline.stack.nodeRed.url, runId, "abort")).status, 200);
    await until(async () => (await of(runId)).every(isOver));
    deepEqual(
      (await of(runId)).map(({ state }) => state),
      ["aborted", "aborted"],
    );
    faults().remove(held);
    equal((await commandRun(pipeline.stack.nodeRed.url, runId, "retry")).status, 200);
    await buttons.untilRun(runId, (record) => isOver(record) && named(record, "ended").length > 0);
    deepEqual((await of(runId)).map(({ state }) => state).toSorted(), [
      ...["aborted", "aborted"],
      ...["completed", "completed", "completed"],
    ]);
  });

  it("aborts the other runs when more videos fail than allowed", async () => {
    const folder = await folderOf("own-failed", { "a.mp4": 10, "b.mp4": 0 });
    faults().add({ service: "s3", kind: "latency", latencyMs: HANG_MS });
    const own = upload({ prefix: "own-failed", wires: [[]] });
    await deploy(source({ folder, runs: "each", maxConcurrency: "2", maxFailures: "0" }), own, ...REST);
    const { runId } = await untilFailed();
    const of = async (): Promise<RunRecord[]> =>
      (await buttons.runs()).filter((one) => one.runId.startsWith(`${runId}-`));
    await until(async () => (await of()).every(isOver));
    deepEqual((await of()).map(({ state }) => state).toSorted(), ["aborted", "failed"]);
  });

  describe("for a prefix in S3", () => {
    const COPY = { sourceKind: "object", source: "s3", sourceType: "msg" };
    const fromS3 = (values: Record<string, unknown> = {}): FlowNode =>
      source({ kind: "s3", bucket: "INPUT_BUCKET", bucketType: "env", prefix: "many", prefixType: "str", ...values });

    async function put(keys: readonly string[], bytes = 5): Promise<void> {
      const { endpoints, region, credentials, buckets } = pipeline.stack.sandbox;
      const s3 = new S3Client({ endpoint: endpoints.aws, region, credentials, forcePathStyle: true });
      const waiting = [...keys];
      const work = async (): Promise<void> => {
        for (let Key = waiting.pop(); Key !== undefined; Key = waiting.pop()) {
          await s3.send(new PutObjectCommand({ Bucket: buckets.input, Key, Body: Buffer.alloc(bytes, 1) }));
        }
      };
      await Promise.all(Array.from({ length: 16 }, work));
      s3.destroy();
    }

    it("sends 1,000 objects, which a core join node collects", async () => {
      const names = Array.from({ length: 1000 }, (_, index) => `clip ${String(index).padStart(4, "0")} #+%.mp4`);
      await put(names.map((name) => `many/${name}`));
      await put(["many/", "many/notes.txt", "manyother/x.mp4"]);
      const joined = REST.map((node) => (node.id === "joined" ? { ...node, list: "payload", listType: "msg" } : node));
      await deploy(fromS3({ wires: [["join"], ["ended"]] }), upload(), ...joined);
      const record = await run();
      equal(record.state, "completed", JSON.stringify(record.error));
      equal(named(record, "source")[0]?.sequence?.count, 1000);
      equal(named(record, "joined")[0]?.sequence?.count, 1000, "the paths in the array that the join node has made");
      equal(named(record, "joined").length, 1);
    });

    it("sends messages like those of s3 upload, which can copy their objects", async () => {
      await put(["few/a b.mp4", "few/inner/ü?.mov", "few/empty.mp4"]);
      await put(["few/empty.mp4"], 0);
      const copy = upload({ ...COPY, prefix: "copied" });
      await deploy(fromS3({ prefix: "few" }), copy, ...REST);
      const record = await run();
      equal(record.state, "completed", JSON.stringify(record.error));
      equal(failuresOf(record), "SOURCE_EMPTY");
      const { record: known, buckets } = pipeline.stack.sandbox;
      const keys = (await known.objects(buckets.input))
        .map(({ key }) => key)
        .filter((key) => key.startsWith("copied/"));
      deepEqual(keys.map((key) => key.split("/").at(-1)).sort(), ["a b.mp4", "ü?.mov"]);
      await deploy(fromS3({ prefix: "few", recursive: false, pattern: "a*.{mov,mp4}" }), copy, ...REST);
      equal(named(await run(), "upload").length, 1);
      await deploy(fromS3({ prefix: "few", bucket: "no-such-bucket", bucketType: "str" }), copy, ...REST);
      equal((await untilFailed()).error?.code, "S3_BUCKET_NOT_FOUND");
    });

    it("lists again what S3 throttles, and sends each video once", async () => {
      await put(["throttled/a.mp4", "throttled/b.mp4"]);
      await deploy(fromS3({ prefix: "throttled" }), upload({ ...COPY, prefix: "of-throttled" }), ...REST);
      faults().add({ service: "s3", operation: "ListObjectsV2", kind: "throttle", times: 2 });
      const record = await run();
      deepEqual(
        faults()
          .list()
          .map(({ applied }) => applied),
        [2],
      );
      faults().clear();
      equal(record.state, "completed", JSON.stringify(record.error));
      equal(named(record, "upload").length, 2);
    });

    it("ends when it is aborted while S3 lists", async () => {
      await deploy(fromS3({ prefix: "throttled" }), upload({ ...COPY, prefix: "of-aborted" }), ...REST);
      const slow = faults().add({
        service: "s3",
        operation: "ListObjectsV2",
        kind: "latency",
        latencyMs: 60_000,
        times: 1,
      });
      const { runId } = await buttons.runOf(
        () => buttons.press("go"),
        () => true,
      );
      await untilApplied(slow);
      equal((await commandRun(pipeline.stack.nodeRed.url, runId, "abort")).status, 200);
      const record = await buttons.untilRun(runId, isOver);
      faults().clear();
      equal(record.state, "aborted");
      deepEqual(
        record.steps.map(({ name }) => name),
        ["source"],
      );
    });
  });

  it("says what is wrong with its folder, and does not follow links to folders", async () => {
    await deploy(source({ folder: join(root, "none") }), upload(), ...REST);
    equal((await untilFailed()).error?.code, "SOURCE_NOT_FOUND");
    const folder = await folderOf("links", { "a.mp4": 10 });
    await symlink(folder, join(folder, "loop"));
    await symlink(join(folder, "a.mp4"), join(folder, "b.mp4"));
    await symlink(join(folder, "gone.mp4"), join(folder, "c.mp4"));
    await deploy(source({ folder }), upload(), ...REST);
    equal(named(await run(), "upload").length, 2);
    const empty = await folderOf("empty", {});
    await deploy(source({ folder: empty }), upload(), ...REST);
    const nothing = await run();
    equal(nothing.state, "completed");
    equal(named(nothing, "ended").length, 1);
  });
});

/** The codes of the failures of a run's videos. */
function failuresOf({ steps }: RunRecord): string | undefined {
  return steps[0]?.sequence?.failures.map(({ code }) => code).join();
}

/** The largest number of steps that ran at the same time. */
function mostAtOnce(steps: readonly StepRecord[]): number {
  return Math.max(
    ...steps.map(
      ({ startedAt }) =>
        steps.filter((other) => other.startedAt <= startedAt && (other.endedAt ?? 0) > startedAt).length,
    ),
  );
}
