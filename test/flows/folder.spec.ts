import { deepEqual, equal } from "node:assert/strict";
import { copyFile, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import type { RunRecord, StepRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { buttonsOf, hasStopped, withVariable } from "./support/buttons.ts";
import { stepOf, usePipeline } from "./support/pipeline.ts";
import type { FlowNode } from "./support/restarts.ts";

const NAMES = ["one.mp4", "two.mp4", "three.mp4"];

/** A Node-RED with the example and its own folder. */
function useFolder() {
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "instant", flow: "folder.json" });
  const buttons = buttonsOf(pipeline);
  const folder = temporaryFolder();

  before(async () => {
    await mkdir(join(folder, "copying"));
    await buttons.deploy((node) => withVariable(node, "FOLDER", folder));
  });

  /** Adds a clip with another name atomically, like a file that was copied elsewhere and moved. */
  async function put(name: string, index: number): Promise<void> {
    const library = await testClips();
    const clips = (await readdir(library)).filter((clip) => clip.endsWith(".mp4")).sort();
    await copyFile(join(library, clips[index] ?? ""), join(folder, "copying", name));
    await rename(join(folder, "copying", name), join(folder, name));
  }

  const uploads = ({ steps }: RunRecord): StepRecord[] => steps.filter(({ type }) => type === "lightly-s3-upload");
  const keysOf = async (): Promise<string[]> => {
    const { record, buckets } = pipeline.stack.sandbox;
    return (await record.objects(buckets.input)).map(({ key }) => key.split("/").at(-1) ?? "").sort();
  };
  return { pipeline, buttons, put, uploads, keysOf, folder: () => folder };
}

describe("the example with a folder of videos", () => {
  const { pipeline, buttons, put, uploads, keysOf, folder } = useFolder();

  it("uploads all of them in one run, makes one selection from them, and stops the instance", async () => {
    await Promise.all(NAMES.map(put));
    const run = await buttons.runOf(() => buttons.press("process the folder"), hasStopped);
    equal(run.error, undefined, JSON.stringify(run.error));
    deepEqual(await keysOf(), NAMES.toSorted());
    equal(uploads(run).length, NAMES.length);
    for (const type of ["lightly-ec2-start", "lightly-ssm-run-script", "lightly-run", "lightly-ec2-stop"]) {
      equal(run.steps.filter((step) => step.type === type).length, 1, type);
    }
    const start = stepOf(run, "lightly-ec2-start")?.startedAt ?? 0;
    deepEqual(stepOf(run, "lightly-video-source")?.result, {
      videos: { count: 3, completed: 3, failed: 0, failures: [] },
    });
    for (const { endedAt = Number.POSITIVE_INFINITY } of uploads(run)) {
      equal(endedAt <= start, true, "the instance is started when all are uploaded");
    }
    equal(pipeline.stack.sandbox.record.scheduledRuns().length, 1);
    equal(await pipeline.instance(), "stopped");
    equal((await buttons.runs()).length, 1);
  });

  it("selects from the others if one of them can't be uploaded, and stops the instance", async () => {
    await writeFile(join(folder(), "two.mp4"), "");
    const run = await buttons.runOf(() => buttons.press("process the folder"), hasStopped);
    equal(run.state, "completed", JSON.stringify(run.error));
    deepEqual(
      uploads(run)
        .map(({ state }) => state)
        .sort(),
      ["completed", "completed", "failed"],
    );
    deepEqual(
      stepOf(run, "lightly-video-source")?.sequence?.failures.map(({ code }) => code),
      ["SOURCE_EMPTY"],
    );
    equal(stepOf(run, "lightly-run")?.state, "completed");
    equal(await pipeline.instance(), "stopped");
  });

  it("starts no instance if none of them can be uploaded", async () => {
    await Promise.all(NAMES.map((name) => writeFile(join(folder(), name), "")));
    const run = await buttons.runOf(
      () => buttons.press("process the folder"),
      ({ state }) => state === "failed",
    );
    equal(run.error?.code, "SOURCE_EMPTY");
    equal(stepOf(run, "lightly-ec2-start"), undefined);
    equal(stepOf(run, "lightly-run"), undefined);
    equal(await pipeline.instance(), "stopped");
  });

  it("says that its folder is not set, and starts nothing", async () => {
    const uploadsBefore = (await buttons.runs()).flatMap(uploads).length;
    await buttons.deploy((node) => {
      const logged = node.name === "which one failed" ? { ...node, console: true } : node;
      return withVariable(logged, "FOLDER", "");
    });
    await buttons.press("process the folder");
    await until(() => pipeline.log.some((line) => line.includes("FOLDER")));
    equal((await buttons.runs()).flatMap(uploads).length, uploadsBefore);
  });
});

describe("the example with a folder that is watched", () => {
  const { pipeline, buttons, put, uploads } = useFolder();

  it("processes new files as one run, when its watch node is enabled", async () => {
    await buttons.deploy(watched);
    const run = await buttons.runOf(async () => {
      await put("four.mp4", 3);
      await put("notes.txt", 4);
      await put("five.mp4", 5);
    }, hasStopped);
    equal(run.error, undefined, JSON.stringify(run.error));
    const names = uploads(run).map(({ checkpoint }) => String(checkpoint?.key).split("/").at(-1));
    deepEqual(names.sort(), ["five.mp4", "four.mp4"]);
    equal(await pipeline.instance(), "stopped");
  });
});

/** Shortens the half minute of the example. */
function watched(node: FlowNode): FlowNode {
  if (node.type === "watch") {
    return { ...node, d: false };
  }
  return node.type === "join" && node.mode === "custom" ? { ...node, timeout: "1" } : node;
}
