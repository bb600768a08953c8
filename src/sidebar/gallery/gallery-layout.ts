import type { GalleryFrame } from "./gallery-frame.ts";
import { bestPacking, type GalleryRoom, type Packed, type PlacedFrame, type Sorted } from "./gallery-packing.ts";

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
export function formatVideoTime(seconds: number): string {
  const tenths = Math.round(seconds * 10) / 10;
  if (tenths < 60) {
    return `${tenths} s`;
  }
  const minutes = Math.floor(tenths / 60);
  const rest = Math.round((tenths - minutes * 60) * 10) / 10;
  return `${minutes}:${rest < 10 ? "0" : ""}${rest}`;
}
