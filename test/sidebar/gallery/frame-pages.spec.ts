import { deepEqual, equal, ok } from "node:assert/strict";
import { FramePages, PAGE_SIZE } from "../../../src/sidebar/gallery/frame-pages.ts";
import { inTimelineOrder, layOut } from "../../../src/sidebar/gallery/gallery-layout.ts";

const frames = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    fileName: `${index}.png`,
    video: index % 2 === 0 ? "b.mp4" : "a.mp4",
    timeSeconds: (index * 7) % count,
    thumbnailUrl: `${index}`,
  }));

describe("the pages of the gallery", () => {
  it("have a limited number of frames, and contain each frame once", () => {
    const all = frames(2 * PAGE_SIZE + 1);
    const pages = new FramePages(all);
    const seen = [...pages.frames];
    equal(seen.length, PAGE_SIZE);
    ok(pages.turn(1));
    deepEqual(pages.position, { page: 1, pages: 3, from: PAGE_SIZE + 1, to: 2 * PAGE_SIZE, total: all.length });
    seen.push(...pages.frames);
    ok(pages.turn(2));
    deepEqual(pages.position, { page: 2, pages: 3, from: all.length, to: all.length, total: all.length });
    seen.push(...pages.frames);
    deepEqual(seen, all);
  });

  it("turn to the page of a frame, and not beyond the ends", () => {
    const all = frames(2 * PAGE_SIZE);
    const pages = new FramePages(all);
    ok(!pages.turn(-1));
    ok(!pages.turn(2));
    ok(pages.turnTo(all[PAGE_SIZE] as (typeof all)[number]));
    equal(pages.frames[0], all[PAGE_SIZE]);
    ok(!pages.turnTo(all.at(-1) as (typeof all)[number]), "it is on the current page");
  });

  it("are one without frames, and one with as many as a page has", () => {
    deepEqual([new FramePages([]).position.pages, new FramePages(frames(PAGE_SIZE)).position.pages], [1, 1]);
  });

  it("have the order of the timelines there", () => {
    const all = frames(20);
    const placed = layOut(all, { width: 10_000, thumbWidth: 10 }).flatMap((one) =>
      one.placed.map(({ frame }) => frame),
    );
    deepEqual(inTimelineOrder(all), placed);
  });
});
