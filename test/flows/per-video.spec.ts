import { deepEqual, equal } from "node:assert/strict";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { buttonsOf, withVariable } from "./support/buttons.ts";
import { usePipeline } from "./support/pipeline.ts";

describe("the example with a run for each video", () => {
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "instant", flow: "per-video.json" });
  const buttons = buttonsOf(pipeline);
  const folder = temporaryFolder();

  it("selects from each video into a dataset of its own, and leaves no instance on", async () => {
    const library = await testClips();
    const clips = (await readdir(library)).filter((clip) => clip.endsWith(".mp4")).sort();
    const names = ["one.mp4", "two v2.mp4", "three.mp4"];
    await Promise.all(names.map((name, index) => copyFile(join(library, clips[index] ?? ""), join(folder, name))));
    await buttons.deploy((node) => withVariable(node, "FOLDER", folder));
    await buttons.press("process the folder");
    const isOver = ({ endedAt, steps }: RunRecord): boolean =>
      endedAt !== undefined && steps.every(({ state }) => state !== "running");
    let runs: RunRecord[] = [];
    await until(async () => {
      runs = await buttons.runs();
      return runs.length === names.length + 1 && runs.every(isOver);
    });
    deepEqual(
      new Set(runs.map(({ state }) => state)),
      new Set(["completed"]),
      JSON.stringify(runs.map((r) => r.error)),
    );
    const { record } = pipeline.stack.sandbox;
    deepEqual(
      record
        .datasets()
        .map(({ name }) => name)
        .sort(),
      ["sandbox-videos-one-mp4", "sandbox-videos-three-mp4", "sandbox-videos-two-v2-mp4"],
    );
    equal(record.scheduledRuns().length, names.length);
    equal(await pipeline.instance(), "stopped");
  });
});
