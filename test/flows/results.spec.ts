import { deepEqual, equal, match } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { createLightlyClient } from "../../src/services/lightly/client/lightly-client.ts";
import { selectedFilenames } from "../../src/services/lightly/tags/selected-filenames.ts";
import { makeTaggedDataset } from "../nodes/support/tagged-dataset.ts";
import { until } from "../nodes/support/until.ts";
import { HANG_MS } from "../support/limits.ts";
import { stepOf, usePipeline } from "./support/pipeline.ts";
import { type FlowNode, useRestarts } from "./support/restarts.ts";

interface Selected {
  readonly datasetId: string;
  readonly tag: { readonly tagId: string };
  readonly selection: { readonly count: number; readonly folder: string };
}

interface Listed {
  readonly frames: ReadonlyArray<{
    readonly fileName: string;
    readonly video?: string;
    readonly timeSeconds?: number;
    readonly distance?: number;
    readonly thumbnailUrl: string;
  }>;
  readonly total: number;
  readonly more: boolean;
}

/** The signs of a signed URL. */
const SIGNED = /X-Amz-Signature|publicToken/;

function resultOf(run: RunRecord, type: string): Selected {
  return stepOf(run, type)?.result?.lightly as Selected;
}

async function flowOf(example: string): Promise<FlowNode[]> {
  return JSON.parse(await readFile(join(PACKAGE_ROOT, "examples", example), "utf8"));
}

describe("the results example", () => {
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "stand-in", flow: "results.json" });
  let run: RunRecord;
  let names: string[] = [];
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${pipeline.stack.nodeRed.url}/${path}`, { headers });

  before(async () => {
    const button = (await flowOf("results.json")).find(({ type }) => type === "inject")?.id;
    const { nodeRed, sandbox } = pipeline.stack;
    equal((await fetch(`${nodeRed.url}/inject/${button}`, { method: "POST" })).status, 200);
    const isDone = (found: RunRecord | undefined): boolean =>
      ["lightly-results", "lightly-ec2-stop"].every((type) => found && stepOf(found, type)?.state === "completed");
    for (let found: RunRecord | undefined; !isDone(found); ) {
      await pause(100);
      [found] = (await (await get("lightly-aws/runs")).json()) as RunRecord[];
      equal(found?.error, undefined);
      run = found as RunRecord;
    }
    const { datasetId, tag } = resultOf(run, "lightly-run");
    const client = createLightlyClient({ token: sandbox.token, server: sandbox.endpoints.lightly });
    names = await selectedFilenames({ client, datasetId, tagId: tag.tagId, signal: AbortSignal.timeout(HANG_MS) });
  });

  it("saves exactly the frames of the tag in a folder, and a CSV of them", async () => {
    const { selection } = resultOf(run, "lightly-results");
    equal(selection.count, names.length);
    const files = await readdir(selection.folder, { recursive: true });
    deepEqual(files.filter((file) => file.endsWith(".png")).toSorted(), names.toSorted());
    await until(() =>
      readFile(join(selection.folder, "selected.csv")).then(
        () => true,
        () => false,
      ),
    );
    const lines = (await readFile(join(selection.folder, "selected.csv"), "utf8")).trim().split("\r\n");
    deepEqual(
      lines.slice(1).map((line) => line.split(",")[0]),
      names,
    );
    match(lines[1] ?? "", /\.png,.+\.mp4,\d+,[\d.]+$/);
  });

  describe("and the gallery's endpoints", () => {
    const list = async (query = ""): Promise<Listed> =>
      (await (await get(`lightly-aws/runs/${run.runId}/frames${query}`)).json()) as Listed;

    it("list exactly the frames of the tag, with video, time and distance", async () => {
      const { frames, total, more } = await list();
      deepEqual(
        frames.map(({ fileName }) => fileName),
        names,
      );
      deepEqual([total, more], [names.length, false]);
      for (const { video, timeSeconds } of frames) {
        match(video ?? "", /\.mp4$/);
        equal(typeof timeSeconds, "number");
      }
      // The first frame has no earlier frame to have a distance to.
      equal(frames.filter(({ distance }) => distance === undefined).length, 1);
    });

    it("list them in pages", async () => {
      const first = await list("?limit=1");
      const second = await list("?limit=2&offset=1");
      deepEqual([first.frames.length, first.more], [1, true]);
      deepEqual(
        [...first.frames, ...second.frames].map(({ fileName }) => fileName),
        names.slice(0, 3),
      );
    });

    it("send thumbnails and pictures that the browser may cache", async () => {
      const { frames } = await list();
      const thumbnail = await get(frames[0]?.thumbnailUrl ?? "");
      equal(thumbnail.status, 200);
      equal(thumbnail.headers.get("content-type"), "image/png");
      match(thumbnail.headers.get("cache-control") ?? "", /private, max-age=\d+/);
      const small = (await thumbnail.bytes()).length;
      const picture = await get((frames[0]?.thumbnailUrl ?? "").replace(/thumbnail$/, "picture"));
      const { selection } = resultOf(run, "lightly-results");
      const large = Buffer.from(await picture.bytes());
      deepEqual(large, await readFile(join(selection.folder, names[0] ?? "")));
      equal(small < large.length, true);
      const again = await get(frames[0]?.thumbnailUrl ?? "", { "if-none-match": thumbnail.headers.get("etag") ?? "" });
      equal(again.status, 304);
    });

    it("report what can't be shown, with a code", async () => {
      for (const [path, status, code] of [
        ["lightly-aws/runs/none/frames", 404, "RUN_NOT_FOUND"],
        [`lightly-aws/runs/${run.runId}/frames/9999/thumbnail`, 404, "RUN_WITHOUT_SELECTION"],
        [`lightly-aws/runs/${run.runId}/frames/-1/thumbnail`, 404, "RUN_WITHOUT_SELECTION"],
      ] as const) {
        const response = await get(path);
        deepEqual([response.status, ((await response.json()) as { code: string }).code], [status, code]);
      }
      pipeline.stack.sandbox.faults.add({
        service: "s3",
        operation: "GetObject",
        kind: "status",
        status: 403,
        code: "AccessDenied",
      });
      const denied = await get(`lightly-aws/runs/${run.runId}/frames/1/thumbnail`);
      equal(denied.status, 502);
      const { code, message } = (await denied.json()) as { code: string; message: string };
      equal(code, "SOURCE_UNREADABLE");
      equal(SIGNED.test(message), false);
    });

    it("expose no signed URL to a browser, a log or the disk", async () => {
      equal(SIGNED.test(await (await get(`lightly-aws/runs/${run.runId}/frames`)).text()), false);
      equal(SIGNED.test(pipeline.log.join("\n")), false);
      const kept = join(pipeline.userDir, "lightly-aws", "runs");
      for (const file of await readdir(kept)) {
        equal(SIGNED.test(await readFile(join(kept, file), "utf8")), false, file);
      }
    });
  });
});

describe("a download of results whose Node-RED is killed", () => {
  const restarts = useRestarts();

  it("continues: existing files are not downloaded again, and no incomplete file is left", async () => {
    const { sandbox } = restarts;
    const dataset = await makeTaggedDataset(sandbox, {
      name: "killed in between",
      frames: 40,
      tagged: () => true,
      frameBytes: 50_000,
    });
    const first = await restarts.start();
    const folder = join(restarts.userDir, "frames");
    await restarts.deploy((nodes) => [
      ...nodes.filter(({ type }) => type.endsWith("-account")),
      { id: "tab", type: "tab", label: "results" },
      { id: "go", type: "inject", z: "tab", props: [], wires: [["results"]] },
      {
        id: "results",
        type: "lightly-results",
        z: "tab",
        account: nodes.find(({ type }) => type === "lightly-account")?.id,
        datasetId: dataset.datasetId,
        datasetIdType: "str",
        tag: dataset.tag,
        tagType: "str",
        destination: "folder",
        folder,
        folderType: "str",
        wires: [[]],
      },
    ]);
    const there = async (): Promise<string[]> =>
      (await readdir(folder, { recursive: true }).catch(() => [])).filter((name) => name.endsWith(".png"));
    sandbox.faults.add({ service: "s3", operation: "GetObject", kind: "latency", latencyMs: HANG_MS, after: 20 });
    // The flow's address may not exist right after a deploy.
    await until(async () => (await fetch(`${first.url}/inject/go`, { method: "POST" })).status === 200);
    await until(async () => (await there()).length >= 8);
    await first.kill();
    const before = await there();
    equal(before.length < 40, true, "it was over before it was killed");
    const written = await Promise.all(before.map((name) => readFile(join(folder, name))));

    sandbox.faults.clear();
    await restarts.start();
    const [kept] = await restarts.runs();
    const run = await restarts.untilRun(kept?.runId ?? "", ({ state }) => state === "completed");
    equal(stepOf(run, "lightly-results")?.resumeCount, 1);
    deepEqual((await there()).toSorted(), dataset.names.toSorted());
    for (const [name, bytes] of dataset.bytes) {
      deepEqual(await readFile(join(folder, name)), bytes, name);
    }
    deepEqual(
      written,
      before.map((name) => dataset.bytes.get(name)),
    );
    deepEqual(
      (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".part")),
      [],
    );
  });
});
