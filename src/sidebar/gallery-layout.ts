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
/** Thousands of frames of a second would make it endless; then it becomes higher after all. */
const WIDEST = 30_000;
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
  const last = sorted.at(-1)?.place ?? 0;
  const scales = growingScales(last, room);
  let packed = pack(sorted, scales.next().value ?? 0, room.thumbWidth);
  for (const scale of scales) {
    if (packed.lanes <= MOST_LANES) {
      break;
    }
    packed = pack(sorted, scale, room.thumbWidth);
  }
  const width = Math.max(room.width, Math.ceil(last * packed.scale + room.thumbWidth));
  return {
    video,
    placed: packed.placed,
    lanes: packed.lanes,
    width,
    ticks: isTime ? ticksOf(last, packed.scale) : [],
  };
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

/** Pixels for one unit of place: first as many as fit the visible width, then more and more. */
function* growingScales(last: number, { width, thumbWidth }: GalleryRoom): Generator<number, undefined> {
  if (last === 0) {
    yield 0;
    return undefined;
  }
  for (let pixels = Math.max(width - thumbWidth, thumbWidth); pixels <= WIDEST; pixels *= 1.25) {
    yield pixels / last;
  }
  return undefined;
}

interface Sorted {
  readonly frame: GalleryFrame;
  readonly place: number;
}

/** Puts each frame on the first line where it covers no other one. */
function pack(sorted: readonly Sorted[], scale: number, thumbWidth: number) {
  const ends: number[] = [];
  const placed = sorted.map(({ frame, place }): PlacedFrame => {
    const x = place * scale;
    const free = ends.findIndex((end) => end <= x);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = x + thumbWidth;
    return { frame, x, lane };
  });
  return { placed, lanes: ends.length, scale };
}

function ticksOf(last: number, scale: number): Tick[] {
  const step = STEPS_SECONDS.find((seconds) => seconds * scale >= TICK_PIXELS) ?? Math.max(last, 1);
  const count = scale === 0 ? 0 : Math.floor(last / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => ({ x: index * step * scale, seconds: index * step }));
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
