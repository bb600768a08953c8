import assert from "node:assert/strict";
import { seededRandom } from "../../../src/seeded-random.ts";
import type { FrameMetadata } from "../../../src/worker/selection/metadata-keys.ts";
import { selectFrames } from "../../../src/worker/selection/select-frames.ts";
import { planSelection } from "../../../src/worker/selection/selection-plan.ts";
import { type Rows, toRows } from "../../../src/worker/selection/vector-rows.ts";
import { everyNth, largestGap } from "./largest-gap.ts";

const DIVERSITY = { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } };
const plan = (strategies: unknown[], amount: object = { nSamples: 4 }) => planSelection({ ...amount, strategies });
const metadataOf = (count: number, values: (index: number) => Partial<FrameMetadata> = () => ({})): FrameMetadata[] =>
  Array.from({ length: count }, (_, index) => ({ sharpness: 0, luminance: 0, frameIndex: index, ...values(index) }));
const indexes = (result: ReturnType<typeof selectFrames>): number[] => result.picks.map(({ index }) => index);

/** `count` unit vectors in `clusters` groups. */
function clustered(count: number, clusters: number, seed: number, spread = 0.05): Rows {
  const random = seededRandom(seed);
  const centres = Array.from({ length: clusters }, () => Array.from({ length: 16 }, () => random() - 0.5));
  return toRows(
    Array.from({ length: count }, (_, index) => {
      const vector = (centres[index % clusters] ?? []).map((value) => value + (random() - 0.5) * spread);
      const norm = Math.hypot(...vector);
      return vector.map((value) => value / norm);
    }),
  );
}

describe("Selecting frames", () => {
  it("selects one of every group before a second one of any", () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const rows = clustered(200, 9, seed);
      const picks = indexes(selectFrames({ rows, metadata: metadataOf(200) }, plan([DIVERSITY], { nSamples: 9 })));
      assert.equal(new Set(picks.map((index) => index % 9)).size, 9, `seed ${seed}`);
    }
  });

  it("leaves a smaller gap than random choices, for any data", () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const rows = clustered(150, 12, seed, 0.4);
      const chosen = selectFrames({ rows, metadata: metadataOf(150) }, plan([DIVERSITY], { nSamples: 15 }));
      const random = selectFrames(
        { rows, metadata: metadataOf(150) },
        plan([{ input: { type: "RANDOM", randomSeed: seed }, strategy: { type: "WEIGHTS" } }], { nSamples: 15 }),
      );
      const gap = largestGap(rows, indexes(chosen));
      assert.ok(gap <= largestGap(rows, indexes(random)) + 1e-6, `seed ${seed}`);
      assert.ok(Math.abs(gap - chosen.largestGap) < 1e-5, "and says how large it is");
    }
  });

  it("selects with decreasing distances, the first one without a distance, and no frame twice", () => {
    const { picks } = selectFrames(
      { rows: clustered(80, 7, 3), metadata: metadataOf(80) },
      plan([DIVERSITY], { nSamples: 80 }),
    );
    assert.equal(picks[0]?.distance, null);
    const distances = picks.slice(1).map(({ distance }) => distance ?? 0);
    assert.deepEqual(
      distances,
      [...distances].sort((one, other) => other - one),
    );
    assert.equal(new Set(picks.map(({ index }) => index)).size, 80);
  });

  it("is deterministic", () => {
    const rows = clustered(60, 5, 8);
    const choose = (): number[] => indexes(selectFrames({ rows, metadata: metadataOf(60) }, plan([DIVERSITY])));
    assert.deepEqual(choose(), choose());
  });

  it("stops at the minimum distance: all selected frames are that far apart, and every other frame is nearer to one", () => {
    const rows = clustered(200, 6, 2, 0.3);
    const minimum = 0.25;
    const strategy = { type: "DIVERSITY", stopping_condition_minimum_distance: minimum };
    const result = selectFrames({ rows, metadata: metadataOf(200) }, plan([{ ...DIVERSITY, strategy }], {}));
    assert.ok(result.picks.length > 6 && result.picks.length < 200);
    assert.ok(result.picks.slice(1).every(({ distance }) => (distance ?? 0) >= minimum));
    assert.ok(largestGap(rows, indexes(result)) < minimum);
  });

  it("treats frames of earlier runs as selected", () => {
    const rows = clustered(60, 6, 5, 0.01);
    const earlier = toRows([0, 1, 2].map((row) => rows.data.slice(row * 16, (row + 1) * 16)));
    const selectedBefore = { rows: earlier, metadata: metadataOf(3) };
    const result = selectFrames({ rows, metadata: metadataOf(60), selectedBefore }, plan([DIVERSITY], { nSamples: 3 }));
    assert.deepEqual(
      new Set(indexes(result).map((index) => index % 6)),
      new Set([3, 4, 5]),
      "only the groups that are new",
    );
    assert.ok(result.picks.every(({ distance }) => distance !== null));
  });

  it("selects at random: every frame may be selected, depending on the seed and thresholds", () => {
    const rows = clustered(50, 3, 1);
    const draw = (seed: number): number[] =>
      indexes(
        selectFrames(
          { rows, metadata: metadataOf(50) },
          plan([
            { input: { type: "RANDOM", randomSeed: seed }, strategy: { type: "WEIGHTS" } },
            {
              input: { type: "METADATA", key: "lightly.frameIndex" },
              strategy: { type: "THRESHOLD", threshold: 40, operation: "SMALLER" },
            },
          ]),
        ),
      );
    assert.deepEqual(draw(5), draw(5));
    const seen = new Set(Array.from({ length: 100 }, (_, seed) => draw(seed)).flat());
    assert.deepEqual(
      [...seen].sort((one, other) => one - other),
      Array.from({ length: 40 }, (_, index) => index),
    );
  });

  it("applies the limit of each operation", () => {
    const kept = (operation: string): number =>
      selectFrames(
        { rows: clustered(10, 2, 1), metadata: metadataOf(10, (index) => ({ luminance: index * 10 })) },
        plan(
          [
            {
              input: { type: "METADATA", key: "lightly.luminance" },
              strategy: { type: "THRESHOLD", threshold: 30, operation },
            },
          ],
          {},
        ),
      ).picks.length;
    assert.deepEqual(["SMALLER", "SMALLER_EQUAL", "BIGGER", "BIGGER_EQUAL"].map(kept), [3, 4, 6, 7]);
  });

  it("prefers high metadata, and weights it against diversity", () => {
    const rows = clustered(40, 4, 6, 0.02);
    const metadata = metadataOf(40, (index) => ({ sharpness: index }));
    const weigh = (strength: number) => ({
      input: { type: "METADATA", key: "lightly.sharpness" },
      strategy: { type: "WEIGHTS", strength },
    });
    const choose = (...strategies: unknown[]): number[] => indexes(selectFrames({ rows, metadata }, plan(strategies)));
    assert.deepEqual(choose(weigh(1)), [39, 38, 37, 36]);
    assert.deepEqual(choose(DIVERSITY, weigh(1000)), [39, 38, 37, 36]);
    const both = choose(DIVERSITY, weigh(1));
    assert.equal(both[0], 39, "nothing is near yet, so the sharpest one");
    assert.equal(new Set(both.map((index) => index % 4)).size, 4, "every group");
    assert.ok(
      both.every((index) => index >= 20),
      "and the sharper ones of each",
    );
  });

  it("includes the metadata of frames of earlier runs", () => {
    const near = { rows: toRows([[1], [2]]), metadata: metadataOf(2, (index) => ({ sharpness: index === 0 ? 3 : 1 })) };
    const sharp = { input: { type: "METADATA", key: "lightly.sharpness" }, strategy: { type: "WEIGHTS", strength: 3 } };
    const after = (sharpness: number): number[] => {
      const selectedBefore = { rows: toRows([[0]]), metadata: metadataOf(1, () => ({ sharpness })) };
      return indexes(selectFrames({ ...near, selectedBefore }, plan([DIVERSITY, sharp], { nSamples: 1 })));
    };
    assert.deepEqual([after(0), after(1000)], [[0], [1]], "the sharp one, unless it adds next to nothing");
  });

  it("prefers typical frames", () => {
    const rows = toRows([
      [1, 0],
      [0, 1],
      [0.02, 1],
      [0.01, 1],
    ]);
    const typical = { input: { type: "EMBEDDINGS" }, strategy: { type: "TYPICALITY", numNearestNeighbors: 2 } };
    const picks = indexes(selectFrames({ rows, metadata: metadataOf(4) }, plan([typical], {})));
    assert.deepEqual([picks[0], picks[3]], [3, 0]);
  });

  it("starts with the first candidate, and stops when the best one of several strategies is too near", () => {
    const rows = toRows([[0], [0.1], [5], [9]]);
    const near = { type: "DIVERSITY", stopping_condition_minimum_distance: 1 };
    const weigh = { input: { type: "METADATA", key: "lightly.sharpness" }, strategy: { type: "WEIGHTS" } };
    const metadata = metadataOf(4, (index) => ({ sharpness: index === 1 ? 1000 : 1 }));
    const choose = (...strategies: unknown[]) => selectFrames({ rows, metadata }, plan(strategies, {})).picks;
    assert.deepEqual(choose({ ...DIVERSITY, strategy: near }), [
      { index: 0, distance: null },
      { index: 3, distance: 9 },
      { index: 2, distance: Math.sqrt(16) },
    ]);
    assert.deepEqual(
      choose({ ...DIVERSITY, strategy: near }, weigh).map(({ index }) => index),
      [1, 3, 2],
    );
  });

  it("selects all frames, and none of an empty list", () => {
    const none = { count: 0, dimensions: 16, data: new Float32Array() };
    assert.deepEqual(selectFrames({ rows: none, metadata: [] }, plan([DIVERSITY])), { picks: [], largestGap: 0 });
    const same = toRows(Array.from({ length: 5 }, () => [1, 0]));
    assert.equal(
      selectFrames({ rows: same, metadata: metadataOf(5) }, plan([DIVERSITY], { nSamples: 9 })).picks.length,
      5,
    );
    assert.deepEqual(everyNth(same, 1), [2]);
  });
});
