import type { GalleryFrame } from "./gallery-frame.ts";

/** A frame and where it stands: pixels from the left, and how many lines down. */
export interface PlacedFrame {
  readonly frame: GalleryFrame;
  readonly x: number;
  readonly lane: number;
}

/** The room that there is. */
export interface GalleryRoom {
  /** Visible pixels. */
  readonly width: number;
  /** Pixels that a thumbnail takes, its distance to the next one included. */
  readonly thumbWidth: number;
}

/** A frame, and its time or what stands for it. */
export interface Sorted {
  readonly frame: GalleryFrame;
  readonly place: number;
}

/** Frames in their places. */
export interface Packed {
  readonly placed: readonly PlacedFrame[];
  readonly lanes: number;
  readonly cuts: readonly number[];
  readonly scale: number;
}

/** Beyond that a timeline becomes wider rather than higher. */
const MAX_LANES = 4;
/** In a timeline that is wider than what is visible, a longer time without frames is cut: so many thumbnails. */
const MAX_GAP = 1.5;

/**
 * As high as it has to be for all frames to be in view; where that is too high, wider. Such a timeline has as many lanes as have a
 * frame in view wherever it is scrolled to, or else as few as possible: no gap stays below the frames for others that nobody sees.
 */
export function bestPacking(sorted: readonly Sorted[], { width, thumbWidth }: GalleryRoom): Packed {
  const span = (sorted.at(-1)?.place ?? 0) - (sorted[0]?.place ?? 0);
  if (span === 0) {
    return pack(sorted, 0, thumbWidth);
  }
  const fittingScale = Math.max(width - thumbWidth, thumbWidth) / span;
  let packed = pack(sorted, fittingScale, thumbWidth);
  if (packed.lanes <= MAX_LANES) {
    return packed;
  }
  for (let lanes = Math.max(MAX_LANES, mostAtOnce(sorted)); lanes >= 1; lanes -= 1) {
    const closest = leastDistance(sorted, lanes);
    if (closest > 0) {
      const scale = Math.max(fittingScale, thumbWidth / closest);
      packed = pack(sorted, scale, thumbWidth, MAX_GAP * thumbWidth);
      if (isInViewEverywhere(packed, width, thumbWidth)) {
        break;
      }
    }
  }
  return packed;
}

/** Whether something begins on each lane in each part of a timeline that is as wide as what is visible. */
function isInViewEverywhere({ placed, lanes }: Packed, width: number, thumbWidth: number): boolean {
  const end = (placed.at(-1)?.x ?? 0) + thumbWidth;
  return Array.from({ length: lanes }, (_, lane) => placed.filter((one) => one.lane === lane).map(({ x }) => x)).every(
    (starts) => [...starts, end].every((x, index) => x - (starts[index - 1] ?? 0) <= width),
  );
}

/** How far so many frames in a row are from the next one, at least: so close they get at that many lanes. */
function leastDistance(sorted: readonly Sorted[], lanes: number): number {
  return sorted.slice(lanes).reduce((least, { place }, index) => {
    return Math.min(least, place - (sorted[index]?.place ?? place));
  }, Number.POSITIVE_INFINITY);
}

function mostAtOnce(sorted: readonly Sorted[]): number {
  return [...Map.groupBy(sorted, ({ place }) => place).values()].reduce(
    (most, { length }) => Math.max(most, length),
    0,
  );
}

/** Puts each frame on the first line where it covers no other one. */
function pack(
  sorted: readonly Sorted[],
  scale: number,
  thumbWidth: number,
  longestGap = Number.POSITIVE_INFINITY,
): Packed {
  const ends: number[] = [];
  const cuts: number[] = [];
  let x = 0;
  let before = sorted[0]?.place ?? 0;
  const placed = sorted.map(({ frame, place }): PlacedFrame => {
    const gap = (place - before) * scale;
    if (gap > longestGap) {
      cuts.push(x + longestGap / 2);
    }
    x += Math.min(gap, longestGap);
    before = place;
    // What is next to another one up to a rounding error does not cover it.
    const free = ends.findIndex((end) => end <= x + 1e-6);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = x + thumbWidth;
    return { frame, x, lane };
  });
  return { placed, lanes: ends.length, cuts, scale };
}
