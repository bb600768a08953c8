import { PipelineError } from "../../errors/pipeline-error.ts";
import { chooseRendition } from "./choose-rendition.ts";
import { type PexelsVideo, parseVideo, parseVideoPage, type Rendition } from "./parse-videos.ts";
import type { PexelsClient } from "./pexels-client.ts";
import { seededRandom } from "./seeded-random.ts";
import { passes, type VideoFilter } from "./video-filter.ts";

/** The most that Pexels puts on a page. */
const PER_PAGE = 80;
/** Without a page number, one of this many is chosen: the ranking's first eight hundred videos. */
const RANDOM_PAGES = 10;

/** Which videos to pick from. */
export type PexelsPick =
  | { readonly kind: "popular"; readonly page?: number }
  | { readonly kind: "search"; readonly query: string; readonly page?: number }
  | { readonly kind: "id"; readonly id: number };

/** What {@link pickVideo} takes. The filter does not apply to a video that is named by its id. */
export interface PickVideoOptions extends VideoFilter {
  readonly client: PexelsClient;
  readonly pick: PexelsPick;
  /** The same seed picks the same page and, while the page stays the same, the same video. */
  readonly seed?: string;
  /** Pixels. */
  readonly maxWidth: number;
  readonly signal: AbortSignal;
}

/** A video, and the one of its files to use. Page and author are what Pexels asks to be credited. */
export interface PickedVideo extends Omit<PexelsVideo, "renditions"> {
  readonly rendition: Rendition;
}

/**
 * Picks a video: the one of an id, or a random one of a page of popular or found ones.
 *
 * @throws PipelineError `PEXELS_NO_MATCH`, `PEXELS_NO_RENDITION`, `PEXELS_VIDEO_NOT_FOUND`, `INPUT_INVALID`, and what the client
 * throws
 */
export async function pickVideo(request: PickVideoOptions): Promise<PickedVideo> {
  const { client, pick, seed, maxWidth, signal } = request;
  if (pick.kind === "id") {
    const id = wholeNumber(pick.id, "video id");
    const video = parseVideo(await client.get(`/videos/videos/${id}`, {}, signal));
    const rendition = chooseRendition(video.renditions, maxWidth);
    return rendition ? picked(video, rendition) : noRendition(`The video ${video.pageUrl}`, request);
  }
  const random = seed === undefined || seed === "" ? Math.random : seededRandom(seed);
  const page = pick.page === undefined ? 1 + Math.floor(random() * RANDOM_PAGES) : wholeNumber(pick.page, "page");
  const found = await findVideos(request, page);
  const candidates = found.length > 0 || pick.page !== undefined || page === 1 ? found : await findVideos(request, 1);
  if (candidates.length === 0) {
    throw new PipelineError(
      "PEXELS_NO_MATCH",
      `No video of ${describe(request)} passes the filters. Loosen them, or choose another page.`,
      { details: { page } },
    );
  }
  const usable = candidates.flatMap((video) => {
    const rendition = chooseRendition(video.renditions, maxWidth);
    return rendition ? [picked(video, rendition)] : [];
  });
  return usable[Math.floor(random() * usable.length)] ?? noRendition(`No video of ${describe(request)}`, request);
}

/** One page's videos that pass the filters, in the order of their ids: Pexels' own order changes from request to request. */
async function findVideos(request: PickVideoOptions, page: number): Promise<PexelsVideo[]> {
  const { client, signal } = request;
  const { path, query } = listing(request);
  const answer = await client.get(path, { ...query, page, per_page: PER_PAGE }, signal);
  return parseVideoPage(answer)
    .filter((video) => passes(video, request))
    .sort((a, b) => a.id - b.id);
}

function listing({ pick, orientation, size, minDurationSeconds, maxDurationSeconds }: PickVideoOptions): {
  path: string;
  query: Record<string, string | number | undefined>;
} {
  if (pick.kind === "search") {
    const query = pick.query.trim();
    if (query === "") {
      throw new PipelineError("INPUT_INVALID", "The search has no words. Give some, or pick from the popular videos.");
    }
    return { path: "/videos/search", query: { query, orientation, size } };
  }
  return { path: "/videos/popular", query: { min_duration: minDurationSeconds, max_duration: maxDurationSeconds } };
}

function picked({ renditions: _, ...video }: PexelsVideo, rendition: Rendition): PickedVideo {
  return { ...video, rendition };
}

function noRendition(subject: string, { maxWidth }: PickVideoOptions): never {
  throw new PipelineError(
    "PEXELS_NO_RENDITION",
    `${subject} has no mp4 of at most ${maxWidth} pixels in width. Raise the width limit.`,
    { details: { maxWidth } },
  );
}

function describe({ pick }: PickVideoOptions): string {
  return pick.kind === "search" ? `the search "${pick.query.trim()}"` : "the popular ones";
}

function wholeNumber(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new PipelineError("INPUT_INVALID", `The ${what} ${value} is not a whole number from 1 on.`);
  }
  return value;
}
