import assert from "node:assert/strict";
import type { GalleryFrame } from "../../../src/sidebar/gallery/gallery-frame.ts";
import { formatVideoTime, layOut } from "../../../src/sidebar/gallery/gallery-layout.ts";

const ROOM = { width: 400, thumbWidth: 80 };

function frame(video: string | undefined, timeSeconds?: number, more: Partial<GalleryFrame> = {}): GalleryFrame {
  return {
    fileName: `${video}-${timeSeconds}.png`,
    thumbnailUrl: "t",
    ...(video !== undefined && { video }),
    ...(timeSeconds !== undefined && { timeSeconds }),
    ...more,
  };
}

describe("the layout of the gallery", () => {
  it("has a timeline for each video by its name, and pictures of no video at the end", () => {
    const frames = [
      frame("b.mp4", 1),
      frame(undefined, undefined, { fileName: "photo.jpg" }),
      frame("a.mp4", 2),
      frame("b.mp4", 3),
    ];
    const lines = layOut(frames, ROOM);
    assert.deepEqual(
      lines.map(({ video, placed }) => [video, placed.length]),
      [
        ["a.mp4", 1],
        ["b.mp4", 2],
        ["", 1],
      ],
    );
  });

  it("places frames by their time, in any order", () => {
    const [line] = layOut([frame("a", 10), frame("a", 0), frame("a", 5)], ROOM);
    assert.deepEqual(
      line?.placed.map(({ x, lane, frame: { timeSeconds } }) => [timeSeconds, x, lane]),
      [
        [0, 0, 0],
        [5, 160, 0],
        [10, 320, 0],
      ],
    );
    assert.equal(line?.width, 400);
  });

  it("has no overlapping thumbnails, and shows each frame once", () => {
    const times = Array.from({ length: 300 }, (_, index) => Math.round(((index * 7919) % 600) * 10) / 10);
    const [line] = layOut(
      times.map((time) => frame("a", time)),
      ROOM,
    );
    const placed = line?.placed ?? [];
    assert.equal(new Set(placed.map(({ frame: shown }) => shown)).size, 300);
    for (const one of placed) {
      const covered = placed.filter(
        (other) => other !== one && other.lane === one.lane && Math.abs(other.x - one.x) < 79.999,
      );
      assert.deepEqual(covered, []);
    }
    assert.ok((line?.lanes ?? 0) <= 4, `${line?.lanes} lanes`);
    assert.ok((line?.width ?? 0) > 400, "it did not become wider");
  });

  const evenly = Array.from({ length: 200 }, (_, index) => index / 5 + (index % 3) / 30);
  const crowded = [0, 3, 6, 9, ...Array.from({ length: 20 }, (_, index) => 10 + index / 10), 20, 25, 30, 90, 95];
  for (const width of [200, 300, 400, 900]) {
    for (const [how, times] of [
      ["even frames", evenly],
      ["crowded frames", crowded],
    ] as const) {
      it(`shows a frame of each lane in every ${width} pixels of ${how}`, () => {
        const frames = times.map((time) => frame("a", time));
        const [line] = layOut(frames, { width, thumbWidth: 80 });
        const whole = line?.width ?? 0;
        assert.ok(whole > width, "all of it is in view");
        for (let left = 0; left <= whole - width; left += 7) {
          const seen = line?.placed.filter(({ x }) => x + 80 > left && x < left + width) ?? [];
          assert.equal(new Set(seen.map(({ lane }) => lane)).size, line?.lanes, `${left} pixels to the right`);
        }
      });
    }
  }

  it("has several lanes if frames are close everywhere, and one if they are close in some places", () => {
    const lanesOf = (times: readonly number[]): number | undefined =>
      layOut(
        times.map((time) => frame("a", time)),
        ROOM,
      )[0]?.lanes;
    assert.deepEqual([lanesOf(evenly), lanesOf(crowded)], [4, 1]);
  });

  it("has as few lanes as simultaneous frames allow", () => {
    const twice = [...crowded, 90].map((time, index) => frame("a", time, { fileName: `${index}.png` }));
    assert.equal(layOut(twice, ROOM)[0]?.lanes, 2);
  });

  it("becomes higher if simultaneous frames require it", () => {
    const [line] = layOut(
      Array.from({ length: 9 }, (_, index) => frame("a", 1, { fileName: `${index}.png` })),
      ROOM,
    );
    assert.equal(line?.lanes, 9);
  });

  it("shortens long periods without frames", () => {
    const times = [0, 1, 2, 3].flatMap((minute) => Array.from({ length: 20 }, (_, index) => minute * 600 + index));
    const [line] = layOut(
      times.map((time) => frame("a", time)),
      ROOM,
    );
    assert.equal(line?.cuts.length, 3);
    assert.ok((line?.width ?? 0) < 3000, `${line?.width} pixels`);
    const ticks = line?.ticks.map(({ x }) => x) ?? [];
    assert.deepEqual(
      ticks,
      ticks.toSorted((a, b) => a - b),
    );
  });

  it("marks times where they are, also beside shortened periods", () => {
    const times = [0, 6, 6.3, 6.7, ...Array.from({ length: 12 }, (_, index) => 7 + index * 0.35), 30, 30.067];
    const [line] = layOut(
      times.map((time) => frame("a", time)),
      ROOM,
    );
    const placed = line?.placed ?? [];
    assert.notEqual(line?.cuts.length, 0);
    for (const { x, seconds } of line?.ticks ?? []) {
      const before = placed.findLast((one) => one.x <= x + 1e-6)?.frame.timeSeconds ?? Number.NaN;
      const after = placed.find((one) => one.x >= x - 1e-6)?.frame.timeSeconds ?? Number.NaN;
      assert.ok(before <= seconds + 1e-6 && seconds <= after + 1e-6, `${seconds} s between ${before} s and ${after} s`);
    }
    const afterCuts = placed.filter(({ x }) => line?.cuts.some((cut) => Math.abs(x - cut - 60) < 1e-6));
    assert.equal(afterCuts.length, line?.cuts.length);
    for (const { x, frame: shown } of afterCuts) {
      assert.ok(line?.ticks.some((tick) => tick.x === x && tick.seconds === shown.timeSeconds));
    }
  });

  it("starts with the first frame", () => {
    const [line] = layOut([frame("a", 100), frame("a", 110)], ROOM);
    assert.deepEqual([line?.placed[0]?.x, line?.ticks[0]], [0, { x: 0, seconds: 100 }]);
  });

  it("uses the frames' numbers if a time is missing, without a time scale", () => {
    const [line] = layOut([frame("a", undefined, { frame: 100 }), frame("a", 0, { frame: 0 })], ROOM);
    assert.deepEqual(
      line?.placed.map(({ x }) => x),
      [0, 320],
    );
    assert.deepEqual(line?.ticks, []);
  });

  it("marks round times", () => {
    const [line] = layOut([frame("a", 0), frame("a", 60)], ROOM);
    assert.deepEqual(
      line?.ticks.map(({ seconds }) => seconds),
      [0, 15, 30, 45, 60],
    );
  });

  it("formats times", () => {
    assert.deepEqual([0, 12.34, 59.96, 65.2, 600].map(formatVideoTime), ["0 s", "12.3 s", "1:00", "1:05.2", "10:00"]);
  });
});
