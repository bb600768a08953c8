import assert from "node:assert/strict";
import { join } from "node:path";
import { readClipLibrary } from "../../src/clips/clip-library.ts";
import { decodeVideo, readFrames } from "../../src/media/decode-video.ts";
import { testClips } from "../clips/test-clips.ts";

describe("Decoding a video", () => {
  it("yields every frame once and in order, scaled to the requested size", async () => {
    const dir = await testClips();
    const clip = (await readClipLibrary(dir))?.clips[4];
    assert.ok(clip !== undefined);
    let count = 0;
    for await (const { index, timestampSeconds, image } of decodeVideo(join(dir, clip.files[0]?.name ?? ""), 64)) {
      assert.equal(index, count);
      assert.ok(Math.abs(timestampSeconds - count / clip.fps) < 1e-3);
      assert.deepEqual([image.width, image.height], [36, 64]);
      count += 1;
    }
    assert.equal(count, clip.frames);
  });

  it("finds single frames by their timestamps, in full size", async () => {
    const dir = await testClips();
    const clip = (await readClipLibrary(dir))?.clips[0];
    const path = join(dir, clip?.files[1]?.name ?? "");
    const wanted = [0, 17, 28, 29, (clip?.frames ?? 0) - 1];
    const all: Array<{ timestampSeconds: number; data: Uint8Array }> = [];
    for await (const { timestampSeconds, image } of decodeVideo(path)) {
      all.push({ timestampSeconds, data: image.data });
    }
    let place = 0;
    for await (const { width, height, data } of readFrames(
      path,
      wanted.map((index) => all[index]?.timestampSeconds ?? -1),
    )) {
      assert.deepEqual([width, height], [320, 180]);
      assert.ok(Buffer.from(data).equals(all[wanted[place] ?? -1]?.data ?? Buffer.alloc(0)), `frame ${wanted[place]}`);
      place += 1;
    }
    assert.equal(place, wanted.length);
  });
});
