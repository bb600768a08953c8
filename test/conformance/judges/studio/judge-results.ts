import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { selectionConfig } from "../../../../src/services/lightly/selection/selection-config.ts";
import type { Setup } from "../../judge.ts";
import { comparePictures } from "./compare-pictures.ts";
import { rotateMp4 } from "./rotate-mp4.ts";
import type { StudioRuns } from "./studio-runs.ts";
import { BROKEN, fileOf } from "./videos.ts";

/** What a run selects and writes, and how runs of one dataset follow each other. */
export async function judgeResults(setup: Setup, runs: StudioRuns, clips: string): Promise<void> {
  const { tally, sandbox } = setup;
  const street = { dataset: "street" };
  await tally.check("a run selects, and names the videos that can't be decoded", async () => {
    const end = await runs.run("first", street);
    assert.equal(end.code, 0, end.error + end.stderr);
    assert.equal(end.stderr, "");
    const manifest = await runs.manifest("first", street);
    assert.deepEqual(manifest.counts, { frames: 432, selectedBefore: 0, videos: 4, broken: 2, selected: 12 });
    assert.deepEqual(
      manifest.broken.map(({ uri }) => uri).sort(),
      Object.keys(BROKEN)
        .map((key) => `s3://${sandbox.buckets.input}/${key}`)
        .sort(),
    );
    assert.deepEqual([manifest.frames[0]?.frame, manifest.frames[0]?.distance], [0, null]);
    const distances = manifest.frames.slice(1).map(({ distance }) => distance ?? 0);
    assert.deepEqual(
      distances,
      distances.toSorted((one, other) => other - one),
    );
  });
  await tally.check("every picture is the frame of its number, also of videos of one name", async () => {
    await comparePictures(setup, runs, await runs.manifest("first", street), (video) => fileOf(clips, video));
  });
  await tally.check("the same run again is answered from its manifest, and refused with another request", async () => {
    const before = await runs.manifest("first", street);
    assert.equal((await runs.run("first", street)).code, 0);
    assert.deepEqual(await runs.manifest("first", street), before);
    const other = await runs.run("first", { ...street, selection: selectionConfig({ nSamples: 3 }) });
    assert.match(other.error, /^STUDIO_SPEC_INVALID: The run first was done with another request/);
  });
  await tally.check("a run without new videos selects nothing", async () => {
    const end = await runs.run("nothing", street);
    assert.equal(end.code, 3, end.error);
    const { counts } = await runs.manifest("nothing", street);
    assert.deepEqual([counts.frames, counts.selected, counts.selectedBefore], [0, 0, 12]);
  });
  await tally.check("a later run counts what earlier ones selected, even without their database", async () => {
    await runs.upload("raw/c/clip.mp4", path.join(clips, "fish-tank-480x480.mp4"));
    const one = await runs.run("second", street);
    assert.equal(one.code, 0, one.error);
    const { frames, counts } = await runs.manifest("second", street);
    assert.equal(counts.selectedBefore, 12);
    assert.ok(frames.every(({ video, distance }) => video.endsWith("/c/clip.mp4") && distance !== null));
    // The same again from the records alone, on an instance that has never seen the dataset.
    for (const key of ["state/runs/second.json", "state/studio.duckdb", "out/second/manifest.json"]) {
      await runs.remove(runs.uri(`street/${key}`));
    }
    const two = await runs.run("second", { ...street, instance: "new" });
    assert.equal(two.code, 0, two.error);
    assert.deepEqual((await runs.manifest("second", street)).frames, frames);
  });
  await tally.check("a video turned by its flag is selected and written upright", async () => {
    const turned = path.join(setup.folder, "turned.mp4");
    writeFileSync(turned, rotateMp4(readFileSync(path.join(clips, "conveyor-in-a-hall-320x180.mp4")), 180));
    await runs.upload("turned/clip.mp4", turned);
    const inputs = [`s3://${sandbox.buckets.input}/turned/clip.mp4`];
    const end = await runs.run("turned", { inputs, framesPerSecond: 1 });
    assert.equal(end.code, 0, end.error);
    const manifest = await runs.manifest("turned");
    assert.equal(manifest.counts.frames, 16, "one of each second");
    const [frame] = manifest.frames;
    const png = await runs.read(frame?.uri ?? "");
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [180, 320]);
    await comparePictures(setup, runs, manifest, () => turned);
  });
}
