import type { GalleryFrame } from "./gallery-frame.ts";
import { bestPacking, type Packed, type PlacedFrame, type Sorted, type Viewport } from "./gallery-packing.ts";

/** A mark of the time scale. */
export interface Tick {
  readonly x: number;
  readonly seconds: number;
}

/** The frames of one video on a time scale. */
export interface VideoTimeline {
  /** Empty for pictures that are not from a video. */
  readonly video: string;
  /** Ordered by time. */
  readonly placed: readonly PlacedFrame[];
  readonly lanes: number;
  /** In pixels; wider than the viewport if frames are close together. */
  readonly width: number;
  /** Empty if no times are known. */
  readonly ticks: readonly Tick[];
  /** Where a period without frames is shortened. */
  readonly cuts: readonly number[];
}

const STEPS_SECONDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const TICK_PIXELS = 70;

/** Lays frames out: a timeline for each video, ordered by name; pictures that are not from a video come last. */
export function layOut(frames: readonly GalleryFrame[], viewport: Viewport): VideoTimeline[] {
  return byVideo(frames).map((one) => timeline(one, viewport));
}

/** The frames in the order of the timelines: by video, then by time. */
export function inTimelineOrder(frames: readonly GalleryFrame[]): GalleryFrame[] {
  return byVideo(frames).flatMap(({ sorted }) => sorted.map(({ frame }) => frame));
}

/** The frames of one video, ordered by their position. */
interface VideoFrames {
  readonly video: string;
  readonly sorted: readonly Sorted[];
  /** Whether the positions are times. */
  readonly isTime: boolean;
}

function byVideo(frames: readonly GalleryFrame[]): VideoFrames[] {
  const groups = Map.groupBy(frames, ({ video = "" }) => video);
  const names = [...groups.keys()].sort((a, b) => Number(a === "") - Number(b === "") || compare(a, b));
  return names.map((video) => {
    const ofVideo = groups.get(video) ?? [];
    const { positions, isTime } = positionsOf(ofVideo);
    const sorted = ofVideo
      .map((frame, index) => ({ frame, position: positions[index] ?? 0 }))
      .sort((a, b) => a.position - b.position || compare(a.frame.fileName, b.frame.fileName));
    return { video, sorted, isTime };
  });
}

function timeline({ video, sorted, isTime }: VideoFrames, viewport: Viewport): VideoTimeline {
  const packed = bestPacking(sorted, viewport);
  const { placed, lanes, cuts } = packed;
  const width = Math.max(viewport.width, Math.ceil((placed.at(-1)?.x ?? 0) + viewport.thumbWidth));
  return { video, placed, lanes, width, cuts, ticks: isTime ? ticksOf(sorted, packed) : [] };
}

/** The times if all are known, otherwise the frame numbers, otherwise the order in the list. */
function positionsOf(frames: readonly GalleryFrame[]): { positions: readonly number[]; isTime: boolean } {
  const times = frames.flatMap(({ timeSeconds }) => timeSeconds ?? []);
  if (times.length === frames.length) {
    return { positions: times, isTime: true };
  }
  const numbers = frames.flatMap(({ frame }) => frame ?? []);
  return {
    positions: numbers.length === frames.length ? numbers : frames.map((_frame, index) => index),
    isTime: false,
  };
}

/** The time of the first frame after each shortened period, and round times elsewhere: a shortened period has no scale. */
function ticksOf(sorted: readonly Sorted[], { placed, scale }: Packed): Tick[] {
  const [first, last] = [sorted[0]?.position ?? 0, sorted.at(-1)?.position ?? 0];
  if (scale === 0) {
    return [{ x: 0, seconds: first }];
  }
  const step = STEPS_SECONDS.find((seconds) => seconds * scale >= TICK_PIXELS) ?? Math.max(last - first, 1);
  const ticks: Tick[] = [];
  const add = (x: number, seconds: number): void => {
    if (x - (ticks.at(-1)?.x ?? -TICK_PIXELS) >= TICK_PIXELS / 2) {
      ticks.push({ x, seconds });
    }
  };
  let isAfterCut = true;
  for (const [index, { position }] of sorted.entries()) {
    const x = placed[index]?.x ?? 0;
    const next = sorted[index + 1]?.position ?? position;
    const isCut = (next - position) * scale > (placed[index + 1]?.x ?? x) - x + 1e-6;
    if (isAfterCut) {
      add(x, position);
    }
    const end = isCut ? position : next;
    for (let number = Math.ceil(position / step - 1e-9) || 0; number * step <= end + 1e-9; number += 1) {
      add(x + (number * step - position) * scale, number * step);
    }
    isAfterCut = isCut;
  }
  return ticks;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Formats a time in a video: `1:05.2`, `12.5 s`. */
export function formatVideoTime(seconds: number): string {
  const tenths = Math.round(seconds * 10) / 10;
  if (tenths < 60) {
    return `${tenths} s`;
  }
  const minutes = Math.floor(tenths / 60);
  const rest = Math.round((tenths - minutes * 60) * 10) / 10;
  return `${minutes}:${rest < 10 ? "0" : ""}${rest}`;
}
