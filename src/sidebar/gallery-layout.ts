/** A selected frame as the runtime lists it. */
export interface GalleryFrame {
  readonly fileName: string;
  /** Absent for a picture of its own. */
  readonly video?: string;
  readonly timeSeconds?: number;
  readonly frame?: number;
  /** To the nearest frame that was selected before it, as far as that is known. */
  readonly distance?: number;
  /** Where its thumbnail is, below the editor's own address. */
  readonly thumbnail: string;
}

/** A frame and where it stands: pixels from the left, and how many lines down. */
export interface PlacedFrame {
  readonly frame: GalleryFrame;
  readonly x: number;
  readonly lane: number;
}

/** A mark of the time scale. */
export interface Tick {
  readonly x: number;
  readonly seconds: number;
}

/** The frames of one video over its time. */
export interface VideoTimeline {
  /** Blank for pictures that come from no video. */
  readonly video: string;
  /** In the order of time. */
  readonly placed: readonly PlacedFrame[];
  readonly lanes: number;
  /** Pixels; wider than what is visible where the frames stand close. */
  readonly width: number;
  /** Empty where no times are known. */
  readonly ticks: readonly Tick[];
  /** Where a time without frames is shown shorter than it is. */
  readonly cuts: readonly number[];
}

/** The room that there is. */
export interface GalleryRoom {
  /** Visible pixels. */
  readonly width: number;
  /** Pixels that a thumbnail takes, its distance to the next one included. */
  readonly thumbWidth: number;
}

/** Beyond that a timeline becomes wider rather than higher. */
const MOST_LANES = 4;
/** In a timeline that is wider than what is visible, a longer time without frames is cut: so many thumbnails. */
const LONGEST_GAP = 1.5;
const STEPS_SECONDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const TICK_PIXELS = 70;

/** Lays frames out: a timeline for each video, in the order of their names; what is from no video comes last. */
export function layOut(frames: readonly GalleryFrame[], room: GalleryRoom): VideoTimeline[] {
  const byVideo = Map.groupBy(frames, ({ video = "" }) => video);
  const names = [...byVideo.keys()].sort((a, b) => Number(a === "") - Number(b === "") || compare(a, b));
  return names.map((video) => timeline(video, byVideo.get(video) ?? [], room));
}

function timeline(video: string, frames: readonly GalleryFrame[], room: GalleryRoom): VideoTimeline {
  const { places, isTime } = placesOf(frames);
  const sorted = frames
    .map((frame, index) => ({ frame, place: places[index] ?? 0 }))
    .sort((a, b) => a.place - b.place || compare(a.frame.fileName, b.frame.fileName));
  const packed = bestPacking(sorted, room);
  const { placed, lanes, cuts } = packed;
  const width = Math.max(room.width, Math.ceil((placed.at(-1)?.x ?? 0) + room.thumbWidth));
  return { video, placed, lanes, width, cuts, ticks: isTime ? ticksOf(sorted, packed) : [] };
}

/** Times where all are known, else the numbers of the frames, else one behind the other. */
function placesOf(frames: readonly GalleryFrame[]): { places: readonly number[]; isTime: boolean } {
  const times = frames.flatMap(({ timeSeconds }) => timeSeconds ?? []);
  if (times.length === frames.length) {
    return { places: times, isTime: true };
  }
  const numbers = frames.flatMap(({ frame }) => frame ?? []);
  return { places: numbers.length === frames.length ? numbers : frames.map((_frame, index) => index), isTime: false };
}

/**
 * As high as it has to be for all frames to be in view; where that is too high, wider. Such a timeline has as many lanes as take room for
 * what is in view wherever it is scrolled to, or else as few as possible: no gap stays below the frames for others that nobody sees.
 */
function bestPacking(sorted: readonly Sorted[], { width, thumbWidth }: GalleryRoom): Packed {
  const span = (sorted.at(-1)?.place ?? 0) - (sorted[0]?.place ?? 0);
  if (span === 0) {
    return pack(sorted, 0, thumbWidth);
  }
  const fittingScale = Math.max(width - thumbWidth, thumbWidth) / span;
  let packed = pack(sorted, fittingScale, thumbWidth);
  if (packed.lanes <= MOST_LANES) {
    return packed;
  }
  for (let lanes = Math.max(MOST_LANES, mostAtOnce(sorted)); lanes >= 1; lanes -= 1) {
    const closest = leastDistance(sorted, lanes);
    if (closest > 0) {
      const scale = Math.max(fittingScale, thumbWidth / closest);
      packed = pack(sorted, scale, thumbWidth, LONGEST_GAP * thumbWidth);
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

interface Sorted {
  readonly frame: GalleryFrame;
  readonly place: number;
}

interface Packed {
  readonly placed: readonly PlacedFrame[];
  readonly lanes: number;
  readonly cuts: readonly number[];
  readonly scale: number;
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

/** Round times; none in what was cut. */
function ticksOf(sorted: readonly Sorted[], { placed, scale }: Packed): Tick[] {
  const [first, last] = [sorted[0]?.place ?? 0, sorted.at(-1)?.place ?? 0];
  if (scale === 0) {
    return [{ x: 0, seconds: first }];
  }
  const step = STEPS_SECONDS.find((seconds) => seconds * scale >= TICK_PIXELS) ?? Math.max(last - first, 1);
  const ticks: Tick[] = [];
  let index = 0;
  for (let number = Math.ceil(first / step - 1e-9) || 0; number * step <= last + 1e-9; number += 1) {
    const seconds = number * step;
    while (index < sorted.length - 1 && (sorted[index + 1]?.place ?? last) <= seconds) {
      index += 1;
    }
    const x = (placed[index]?.x ?? 0) + (seconds - (sorted[index]?.place ?? 0)) * scale;
    if (x <= (placed[index + 1]?.x ?? x) + 1e-6 && x - (ticks.at(-1)?.x ?? -TICK_PIXELS) >= TICK_PIXELS / 2) {
      ticks.push({ x, seconds });
    }
  }
  return ticks;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `1:05.2`, `12.5 s`: as short as it can be told. */
export function spokenTime(seconds: number): string {
  const tenths = Math.round(seconds * 10) / 10;
  if (tenths < 60) {
    return `${tenths} s`;
  }
  const minutes = Math.floor(tenths / 60);
  const rest = Math.round((tenths - minutes * 60) * 10) / 10;
  return `${minutes}:${rest < 10 ? "0" : ""}${rest}`;
}
