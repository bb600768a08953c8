import type { GalleryFrame } from "./gallery-frame.ts";

/** A frame and its position: pixels from the left, and the number of its lane. */
export interface PlacedFrame {
  readonly frame: GalleryFrame;
  readonly x: number;
  readonly lane: number;
}

/** The visible size. */
export interface Viewport {
  /** In pixels. */
  readonly width: number;
  /** The width of a thumbnail in pixels, including the gap to the next one. */
  readonly thumbWidth: number;
}

/** A frame, and its time or another value to order it by. */
export interface Sorted {
  readonly frame: GalleryFrame;
  readonly position: number;
}

/** Frames at their positions. */
export interface Packed {
  readonly placed: readonly PlacedFrame[];
  readonly lanes: number;
  readonly cuts: readonly number[];
  readonly scale: number;
}

/** With more lanes, a timeline becomes wider instead of higher. */
const MAX_LANES = 4;
/** In a timeline that is wider than the viewport, periods without frames are shortened to this multiple of a thumbnail's width. */
const MAX_GAP = 1.5;

/**
 * Packs the frames into as many lanes as are needed to show all of them within the viewport. If these are too many, the timeline becomes
 * wider than the viewport, with as many lanes as show a frame at every scroll position, so that no lane looks empty.
 */
export function bestPacking(sorted: readonly Sorted[], { width, thumbWidth }: Viewport): Packed {
  const span = (sorted.at(-1)?.position ?? 0) - (sorted[0]?.position ?? 0);
  if (span === 0) {
    return pack(sorted, 0, thumbWidth);
  }
  const fittingScale = Math.max(width - thumbWidth, thumbWidth) / span;
  let packed = pack(sorted, fittingScale, thumbWidth);
  if (packed.lanes <= MAX_LANES) {
    return packed;
  }
  for (let lanes = Math.max(MAX_LANES, maxSimultaneous(sorted)); lanes >= 1; lanes -= 1) {
    const closest = leastDistance(sorted, lanes);
    if (closest > 0) {
      const scale = Math.max(fittingScale, thumbWidth / closest);
      packed = pack(sorted, scale, thumbWidth, MAX_GAP * thumbWidth);
      if (isFilledEverywhere(packed, width, thumbWidth)) {
        break;
      }
    }
  }
  return packed;
}

/** Whether every lane shows a frame at every scroll position. */
function isFilledEverywhere({ placed, lanes }: Packed, width: number, thumbWidth: number): boolean {
  const end = (placed.at(-1)?.x ?? 0) + thumbWidth;
  return Array.from({ length: lanes }, (_, lane) => placed.filter((one) => one.lane === lane).map(({ x }) => x)).every(
    (starts) => [...starts, end].every((x, index) => x - (starts[index - 1] ?? 0) <= width),
  );
}

/** The smallest distance between two frames that share a lane, if the frames are spread over `lanes` lanes. */
function leastDistance(sorted: readonly Sorted[], lanes: number): number {
  return sorted.slice(lanes).reduce((least, { position }, index) => {
    return Math.min(least, position - (sorted[index]?.position ?? position));
  }, Number.POSITIVE_INFINITY);
}

function maxSimultaneous(sorted: readonly Sorted[]): number {
  return [...Map.groupBy(sorted, ({ position }) => position).values()].reduce(
    (most, { length }) => Math.max(most, length),
    0,
  );
}

/** Puts each frame into the first lane where it overlaps no other frame. */
function pack(sorted: readonly Sorted[], scale: number, thumbWidth: number, maxGap = Number.POSITIVE_INFINITY): Packed {
  const ends: number[] = [];
  const cuts: number[] = [];
  let x = 0;
  let before = sorted[0]?.position ?? 0;
  const placed = sorted.map(({ frame, position }): PlacedFrame => {
    const gap = (position - before) * scale;
    if (gap > maxGap) {
      cuts.push(x + maxGap / 2);
    }
    x += Math.min(gap, maxGap);
    before = position;
    // A tolerance for rounding errors between neighbors.
    const free = ends.findIndex((end) => end <= x + 1e-6);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = x + thumbWidth;
    return { frame, x, lane };
  });
  return { placed, lanes: ends.length, cuts, scale };
}
