import type { PexelsVideo } from "./parse-videos.ts";

/** The filters of a search; absent ones match any video. */
export interface VideoFilter {
  readonly orientation?: "landscape" | "portrait" | "square";
  /** At least 4K, Full HD or HD, as Pexels names them. */
  readonly size?: "large" | "medium" | "small";
  readonly minDurationSeconds?: number;
  readonly maxDurationSeconds?: number;
}

/** Longer and shorter side in pixels. One of them is enough: a wide video has the width, a square one the height. */
const SIZES = { large: [3840, 2160], medium: [1920, 1080], small: [1280, 720] } as const;
const SQUARE_TOLERANCE = 0.1;

/** Whether a video matches the filters. Pexels does not apply all filters to every request, and not exactly. */
export function matches(video: PexelsVideo, filter: VideoFilter): boolean {
  const { orientation, size, minDurationSeconds = 0, maxDurationSeconds = Infinity } = filter;
  return (
    video.durationSeconds >= minDurationSeconds &&
    video.durationSeconds <= maxDurationSeconds &&
    (orientation === undefined || hasOrientation(video, orientation)) &&
    (size === undefined || hasSize(video, size))
  );
}

function hasOrientation({ width, height }: PexelsVideo, orientation: NonNullable<VideoFilter["orientation"]>): boolean {
  switch (orientation) {
    case "landscape":
      return width > height;
    case "portrait":
      return height > width;
    case "square":
      return Math.abs(width - height) <= SQUARE_TOLERANCE * Math.max(width, height);
  }
}

function hasSize({ width, height }: PexelsVideo, size: NonNullable<VideoFilter["size"]>): boolean {
  const [longer, shorter] = SIZES[size];
  return Math.max(width, height) >= longer || Math.min(width, height) >= shorter;
}
