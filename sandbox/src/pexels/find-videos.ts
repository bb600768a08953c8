import type { LibraryVideo } from "./video-library.ts";

/** Default and maximum page size. */
const DEFAULT_PAGE_SIZE = 15;
const MAX_PAGE_SIZE = 80;
/** The minimum shorter side of Pexels' sizes: 4K, Full HD, HD. */
const MIN_SIDE: Readonly<Record<string, number>> = { large: 2160, medium: 1080, small: 720 };

/** One page of videos, with how many there are on all pages. */
export interface VideoPage {
  readonly page: number;
  readonly perPage: number;
  readonly total: number;
  readonly videos: readonly LibraryVideo[];
}

/**
 * Filters and pages a library as the query parameters of `/videos/popular` and `/videos/search` ask: `orientation`,
 * `size`, `min_width`, `min_height`, `min_duration`, `max_duration` (s), `page`, `per_page`, and `query`, of which every
 * word must occur in the title or the tags.
 */
export function findVideos(videos: readonly LibraryVideo[], parameters: URLSearchParams): VideoPage {
  const words = (parameters.get("query") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const found = videos.filter((video) => matchesWords(video, words) && matchesFilters(video, parameters));
  const page = Math.max(1, wholeNumber(parameters, "page") ?? 1);
  const perPage = Math.min(MAX_PAGE_SIZE, Math.max(1, wholeNumber(parameters, "per_page") ?? DEFAULT_PAGE_SIZE));
  return { page, perPage, total: found.length, videos: found.slice((page - 1) * perPage, page * perPage) };
}

function matchesWords({ title, tags }: LibraryVideo, words: readonly string[]): boolean {
  const text = [title, ...tags].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

function matchesFilters(video: LibraryVideo, parameters: URLSearchParams): boolean {
  const width = video.files[0]?.width ?? 0;
  const height = video.files[0]?.height ?? 0;
  const atLeast = (name: string, value: number): boolean => value >= (wholeNumber(parameters, name) ?? 0);
  const orientation = parameters.get("orientation");
  return (
    (!orientation || orientation === orientationOf(width, height)) &&
    Math.min(width, height) >= (MIN_SIDE[parameters.get("size") ?? ""] ?? 0) &&
    atLeast("min_width", width) &&
    atLeast("min_height", height) &&
    atLeast("min_duration", Math.round(video.durationSeconds)) &&
    Math.round(video.durationSeconds) <= (wholeNumber(parameters, "max_duration") ?? Number.POSITIVE_INFINITY)
  );
}

function orientationOf(width: number, height: number): string {
  return width === height ? "square" : width > height ? "landscape" : "portrait";
}

function wholeNumber(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}
