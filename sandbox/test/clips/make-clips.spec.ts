import assert from "node:assert/strict";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { readClipLibrary } from "../../src/clips/clip-library.ts";
import { hasClips, makeClips } from "../../src/clips/make-clips.ts";
import { probeVideo } from "../../src/media/probe-video.ts";
import { fullClips } from "./test-clips.ts";

describe("The generated clips", () => {
  let dir = "";
  before(async () => {
    dir = await fullClips();
  });

  it("match their description: size, rate, frames, length", async () => {
    const library = await readClipLibrary(dir);
    assert.ok(library !== undefined && library.clips.length >= 6);
    for (const clip of library.clips) {
      assert.equal(clip.files.length, 2);
      for (const file of clip.files) {
        const facts = await probeVideo(join(dir, file.name));
        assert.deepEqual(
          [facts.width, facts.height, facts.fps, facts.frames],
          [file.width, file.height, clip.fps, clip.frames],
        );
        assert.ok(Math.abs(facts.durationSeconds - clip.durationSeconds) < 0.01);
        assert.match(facts.codec, /^avc1\.42/, "plain H.264 that every player takes");
      }
    }
  });

  it("consist of scenes without gaps, one of at least a third of the clip, and one very short", async () => {
    for (const { title, scenes, frames } of (await readClipLibrary(dir))?.clips ?? []) {
      let next = 0;
      for (const { fromFrame, toFrame } of scenes) {
        assert.equal(fromFrame, next);
        next = toFrame + 1;
      }
      assert.equal(next, frames, title);
      const lengths = scenes.map(({ fromFrame, toFrame }) => toFrame - fromFrame + 1);
      assert.ok(Math.max(...lengths) >= frames * 0.35, title);
      assert.ok(Math.min(...lengths) <= frames * 0.06, title);
    }
  });

  it("exist in landscape, portrait and square, with different lengths", async () => {
    const clips = (await readClipLibrary(dir))?.clips ?? [];
    assert.equal(new Set(clips.map(({ width, height }) => Math.sign(width - height))).size, 3);
    assert.ok(new Set(clips.map(({ durationSeconds }) => durationSeconds)).size >= 5);
    assert.ok(clips.every(({ durationSeconds }) => durationSeconds >= 12 && durationSeconds <= 20));
  });

  it("are not generated again if they exist", async () => {
    const [name = ""] = await readdir(dir);
    const before = await stat(join(dir, name));
    await makeClips(dir, { log: () => assert.fail("nothing to do") });
    assert.equal((await stat(join(dir, name))).mtimeMs, before.mtimeMs);
  });

  it("are as many as are needed, with progress, and not made again where there are more", async () => {
    const one = join(temporaryFolder(), "clips");
    const parts: number[] = [];
    await makeClips(one, { count: 1, onProgress: (part) => parts.push(part) });
    assert.deepEqual([await hasClips(one, 1), await hasClips(one)], [true, false]);
    assert.equal((await readClipLibrary(one))?.clips.length, 1);
    assert.equal(parts.at(-1), 1);
    assert.deepEqual(
      parts,
      parts.toSorted((a, b) => a - b),
    );
    await makeClips(dir, { count: 1, log: () => assert.fail("a folder with all clips is enough") });
  });

  it("never replace a folder with other files", async () => {
    const other = temporaryFolder();
    await writeFile(join(other, "beach.mp4"), "mine");
    await assert.rejects(makeClips(other), /Choose an empty folder/);
    assert.equal(await readFile(join(other, "beach.mp4"), "utf8"), "mine");
  });
});
