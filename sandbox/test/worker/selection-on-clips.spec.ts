import assert from "node:assert/strict";
import { join } from "node:path";
import { type Clip, readClipLibrary } from "../../src/clips/clip-library.ts";
import { type EmbeddedFrames, embedInputs } from "../../src/worker/embed-inputs.ts";
import { imageDescriptor } from "../../src/worker/embedding/image-descriptor.ts";
import { selectFrames } from "../../src/worker/selection/select-frames.ts";
import { planSelection } from "../../src/worker/selection/selection-plan.ts";
import { fullClips } from "../clips/test-clips.ts";
import { everyNth, largestGap } from "./selection/largest-gap.ts";

const TEN_PERCENT = { proportionSamples: 0.1 };
const diverse = planSelection({
  ...TEN_PERCENT,
  strategies: [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }],
});
const random = (randomSeed: number) =>
  planSelection({
    ...TEN_PERCENT,
    strategies: [{ input: { type: "RANDOM", randomSeed }, strategy: { type: "WEIGHTS" } }],
  });

describe("Ten percent of a generated clip, selected by DIVERSITY", () => {
  const embedded = new Map<Clip, EmbeddedFrames>();

  before(async () => {
    const dir = await fullClips();
    for (const clip of (await readClipLibrary(dir))?.clips ?? []) {
      const name = clip.files[1]?.name ?? "";
      const input = { name, path: join(dir, name), kind: "video" } as const;
      embedded.set(clip, await embedInputs([input], imageDescriptor, new AbortController().signal, async () => {}));
    }
  });

  it("selects from all encoded frames, with as many digits in their names as the count has", () => {
    for (const [clip, { frames, rows }] of embedded) {
      assert.equal(frames.length, clip.frames);
      assert.equal(rows.count, clip.frames);
      assert.match(frames[7]?.name ?? "", /-007-mp4\.png$/);
      assert.ok(
        frames.every(({ timestampSeconds, frameIndex }) => Math.abs(timestampSeconds - frameIndex / clip.fps) < 0.01),
      );
    }
  });

  it("covers every scene", () => {
    const missing: string[] = [];
    for (const [clip, { frames, rows }] of embedded) {
      const picks = selectFrames({ rows, metadata: frames }, diverse).picks.map(({ index }) => index);
      assert.equal(picks.length, Math.round(clip.frames / 10));
      for (const { name, fromFrame, toFrame } of clip.scenes) {
        if (!picks.some((index) => index >= fromFrame && index <= toFrame)) {
          missing.push(`${clip.title}: ${name}`);
        }
      }
    }
    assert.deepEqual(missing, []);
  });

  it("leaves a smaller gap than an evenly spaced choice and than the best of 40 random ones", () => {
    for (const [clip, { frames, rows }] of embedded) {
      const picks = selectFrames({ rows, metadata: frames }, diverse).picks.map(({ index }) => index);
      const gap = largestGap(rows, picks);
      const even = largestGap(rows, everyNth(rows, picks.length));
      const drawn = Array.from({ length: 40 }, (_, seed) =>
        largestGap(
          rows,
          selectFrames({ rows, metadata: frames }, random(seed)).picks.map(({ index }) => index),
        ),
      ).sort((one, other) => one - other);
      const text = `${clip.title}: ${[gap, even, drawn[0] ?? 0, drawn[20] ?? 0].map((value) => value.toFixed(3)).join(" ")}`;
      if (process.env.SHOW_FIGURES) {
        console.log(`${text}  (diverse, even, best random, median random)`);
      }
      assert.ok(gap < even && gap < (drawn[0] ?? 0), text);
    }
  });
});
