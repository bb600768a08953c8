import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  FilePathTarget,
  MkvOutputFormat,
  MovOutputFormat,
  Mp4OutputFormat,
  Output,
  type OutputFormat,
  Quality,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
} from "mediabunny";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { registerCodecs } from "../../src/media/codecs.ts";
import { decodeVideo } from "../../src/media/decode-video.ts";
import { probeVideo } from "../../src/media/probe-video.ts";

const FRAMES = 7;
const [WIDTH, HEIGHT] = [64, 48];

async function encode(
  path: string,
  format: OutputFormat,
  codec: "avc" | "vp9" | "hevc",
  rotation: 0 | 90 = 0,
): Promise<void> {
  registerCodecs();
  const output = new Output({ format, target: new FilePathTarget(path) });
  const source = new VideoSampleSource({ codec, quality: new Quality({ bitrate: 300_000 }), latencyMode: "realtime" });
  output.addVideoTrack(source, { frameRate: 10, rotation });
  await output.start();
  const pixels = new Uint8Array(WIDTH * HEIGHT * 1.5).fill(128);
  for (let index = 0; index < FRAMES; index += 1) {
    // The upper half is bright, so that a rotation is detected.
    pixels.fill(220, 0, (WIDTH * HEIGHT) / 2).fill(40, (WIDTH * HEIGHT) / 2, WIDTH * HEIGHT);
    const init = { format: "I420", codedWidth: WIDTH, codedHeight: HEIGHT } as const;
    const sample = new VideoSample(pixels, { ...init, timestamp: index / 10, duration: 0.1 });
    await source.add(sample);
    sample.close();
  }
  await output.finalize();
}

describe("Videos of other containers and codecs", () => {
  const dir = temporaryFolder();

  it("are read from MOV, WebM, Matroska and MP4, with any file name", async () => {
    const cases = [
      ["a.mov", new MovOutputFormat(), "avc"],
      ["b.webm", new WebMOutputFormat(), "vp9"],
      ["c.mkv", new MkvOutputFormat(), "hevc"],
      ["d.m4v", new Mp4OutputFormat(), "hevc"],
    ] as const;
    for (const [name, format, codec] of cases) {
      const path = join(dir, name);
      await encode(path, format, codec);
      const facts = await probeVideo(path);
      assert.deepEqual([facts.width, facts.height, facts.frames, facts.fps], [WIDTH, HEIGHT, FRAMES, 10], name);
      let count = 0;
      for await (const { image } of decodeVideo(path)) {
        assert.deepEqual([image.width, image.height], [WIDTH, HEIGHT]);
        count += 1;
      }
      assert.equal(count, FRAMES, name);
    }
  });

  it("are rotated upright", async () => {
    const path = join(dir, "turned.mp4");
    await encode(path, new Mp4OutputFormat(), "avc", 90);
    assert.deepEqual([(await probeVideo(path)).width, (await probeVideo(path)).height], [HEIGHT, WIDTH]);
    for (const size of [undefined, 32]) {
      for await (const { image } of decodeVideo(path, size)) {
        const { width, height, data } = image;
        assert.equal(width / height, HEIGHT / WIDTH);
        const middle = Math.floor(height / 2) * width * 4;
        const [left = 0, right = 0] = [data[middle + 4], data[middle + (width - 2) * 4]];
        assert.ok(right - left > 100, `upper half turned clockwise is on the right: ${left} ${right}`);
      }
    }
  });

  it("are refused if they have no video track", async () => {
    const path = join(dir, "text.mp4");
    await writeFile(path, "no video");
    await assert.rejects(probeVideo(path), /not a video that can be read \(mp4/);
    await assert.rejects(async () => {
      for await (const _ of decodeVideo(path)) {
        assert.fail("there is no frame");
      }
    });
  });
});
