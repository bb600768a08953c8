import { PipelineError } from "../../errors/pipeline-error.ts";
import { chooseRendition, narrowestMp4 } from "./choose-rendition.ts";
import { type PexelsVideo, parseVideo, parseVideoPage, type Rendition } from "./parse-videos.ts";
import type { PexelsClient } from "./pexels-client.ts";
import { seededRandom } from "./seeded-random.ts";
import { matches, type VideoFilter } from "./video-filter.ts";

/** Maximum page size of Pexels. */
const PER_PAGE = 80;
/** Without a page number, one of the first pages is chosen: the first 800 videos of the ranking. */
const RANDOM_PAGES = 10;

/** A list of videos to pick from. */
export type ListPick =
  | { readonly kind: "popular"; readonly page?: number }
  | { readonly kind: "search"; readonly query: string; readonly page?: number };

/** Which videos to pick from. */
export type PexelsPick = ListPick | { readonly kind: "id"; readonly id: number };

/** The filter does not apply to a video that is selected by its id. */
export interface PickVideoOptions extends VideoFilter {
  readonly client: PexelsClient;
  readonly pick: PexelsPick;
  /** The same seed picks the same page and, unless the page changes, the same video. */
  readonly seed?: string;
  /** Pixels. */
  readonly maxWidth: number;
  readonly signal: AbortSignal;
}

/** Like {@link PickVideoOptions}, from a list. */
export type PickSeveralOptions = PickVideoOptions & { readonly pick: ListPick };

/** A video and the file to use. Pexels requires credits with the page and the author. */
export interface PickedVideo extends Omit<PexelsVideo, "renditions"> {
  readonly rendition: Rendition;
}

/**
 * Picks a video: the one with an id, or a random one from a page of popular videos or search results.
 *
 * @throws PipelineError `PEXELS_NO_MATCH`, `PEXELS_NO_RENDITION`, `PEXELS_VIDEO_NOT_FOUND`, `INPUT_INVALID`, and the errors
 * of the client
 */
export async function pickVideo(request: PickVideoOptions): Promise<PickedVideo> {
  const { client, pick, seed, maxWidth, signal } = request;
  if (pick.kind === "id") {
    const id = wholeNumber(pick.id, "video id");
    const video = parseVideo(await client.get(`/videos/videos/${id}`, {}, signal));
    const rendition = chooseRendition(video.renditions, maxWidth);
    return rendition ? picked(video, rendition) : noRendition([video], request);
  }
  const random = randomOf(seed);
  const page = firstPage(pick, random);
  const found = await findVideos(request, page);
  const candidates = found.length > 0 || pick.page !== undefined || page === 1 ? found : await findVideos(request, 1);
  const usable = usableOf(candidates, request);
  return usable[Math.floor(random() * usable.length)] ?? noneUsable(candidates, request, page);
}

/**
 * Picks several different videos: random ones from as many pages as they need.
 *
 * @returns fewer than `count` if there are no more that match
 * @throws PipelineError as {@link pickVideo}, if there is none
 */
export async function pickVideos(request: PickSeveralOptions, count: number): Promise<PickedVideo[]> {
  const { pick, seed } = request;
  const random = randomOf(seed);
  const first = firstPage(pick, random);
  const found = new Map<number, PexelsVideo>();
  const usable = (): PickedVideo[] => usableOf([...found.values()], request);
  const most = first + RANDOM_PAGES + Math.ceil(count / PER_PAGE);
  const before = pick.page === undefined ? first - 1 : 0;
  for (const [from, to] of [
    [first, most],
    [1, before],
  ] as const) {
    for (let page = from; page <= to && usable().length < count; page += 1) {
      const videos = await readPage(request, page);
      if (videos.length === 0) {
        break;
      }
      for (const video of matching(videos, request)) {
        found.set(video.id, video);
      }
    }
  }
  const shuffled = usable().sort((a, b) => a.id - b.id);
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other] as PickedVideo, shuffled[last] as PickedVideo];
  }
  return shuffled.length > 0 ? shuffled.slice(0, count) : noneUsable([...found.values()], request, first);
}

function randomOf(seed: string | undefined): () => number {
  return seed === undefined || seed === "" ? Math.random : seededRandom(seed);
}

function firstPage({ page }: ListPick, random: () => number): number {
  return page === undefined ? 1 + Math.floor(random() * RANDOM_PAGES) : wholeNumber(page, "page");
}

function usableOf(videos: readonly PexelsVideo[], { maxWidth }: PickVideoOptions): PickedVideo[] {
  return videos.flatMap((video) => {
    const rendition = chooseRendition(video.renditions, maxWidth);
    return rendition ? [picked(video, rendition)] : [];
  });
}

function noneUsable(candidates: readonly PexelsVideo[], request: PickVideoOptions, page: number): never {
  if (candidates.length > 0) {
    return noRendition(candidates, request);
  }
  throw new PipelineError(
    "PEXELS_NO_MATCH",
    `No video from ${describe(request)} matches the filters. Relax them, or choose another page.`,
    { details: { page } },
  );
}

/** The videos of a page that match the filters, ordered by id, because the order of Pexels changes between requests. */
async function findVideos(request: PickVideoOptions, page: number): Promise<PexelsVideo[]> {
  return matching(await readPage(request, page), request);
}

function matching(videos: readonly PexelsVideo[], request: PickVideoOptions): PexelsVideo[] {
  return videos.filter((video) => matches(video, request)).sort((a, b) => a.id - b.id);
}

async function readPage(request: PickVideoOptions, page: number): Promise<PexelsVideo[]> {
  const { client, signal } = request;
  const { path, query } = listing(request);
  return parseVideoPage(await client.get(path, { ...query, page, per_page: PER_PAGE }, signal));
}

function listing({ pick, orientation, size, minDurationSeconds, maxDurationSeconds }: PickVideoOptions): {
  path: string;
  query: Record<string, string | number | undefined>;
} {
  if (pick.kind === "search") {
    const query = pick.query.trim();
    if (query === "") {
      throw new PipelineError(
        "INPUT_INVALID",
        "The search is empty. Enter some words, or pick from the popular videos.",
      );
    }
    return { path: "/videos/search", query: { query, orientation, size } };
  }
  return { path: "/videos/popular", query: { min_duration: minDurationSeconds, max_duration: maxDurationSeconds } };
}

function picked({ renditions: _, ...video }: PexelsVideo, rendition: Rendition): PickedVideo {
  return { ...video, rendition };
}

/** The videos have no mp4 within the width limit: their mp4 files are wider, or they have none. */
function noRendition(videos: readonly PexelsVideo[], request: PickVideoOptions): never {
  const { maxWidth, pick } = request;
  const widths = videos.flatMap(({ renditions }) => narrowestMp4(renditions)?.width ?? []);
  const [several, none] =
    pick.kind === "id"
      ? [`The video ${videos[0]?.pageUrl} has`, `The video ${videos[0]?.pageUrl} has no`]
      : [`All videos from ${describe(request)} have`, `No video from ${describe(request)} has an`];
  const message =
    widths.length === 0
      ? `${several} only playlists (HLS) or other formats and no mp4 file. Pick another video.`
      : `${none} mp4 with a width of at most ${maxWidth} pixels; the narrowest has ${Math.min(...widths)}. Increase the maximum width.`;
  throw new PipelineError("PEXELS_NO_RENDITION", message, { details: { maxWidth } });
}

function describe({ pick }: PickVideoOptions): string {
  return pick.kind === "search" ? `the search "${pick.query.trim()}"` : "the popular videos";
}

function wholeNumber(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new PipelineError("INPUT_INVALID", `The ${what} ${value} is not a whole number of at least 1.`);
  }
  return value;
}
