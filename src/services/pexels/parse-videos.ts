import { PipelineError } from "../../errors/pipeline-error.ts";

/** A file of a video. */
export interface Rendition {
  readonly id: number;
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly fps?: number;
  readonly quality?: string;
  readonly fileType: string;
  readonly bytes?: number;
}

/** A video as Pexels describes it. */
export interface PexelsVideo {
  readonly id: number;
  readonly pageUrl: string;
  /** Empty if Pexels does not report it. */
  readonly author: string;
  readonly authorUrl: string;
  readonly durationSeconds: number;
  readonly width: number;
  readonly height: number;
  /** Only files with a size in pixels and an http(s) URL, and no playlists, although Pexels calls those `video/mp4` too. */
  readonly renditions: readonly Rendition[];
}

/**
 * Parses a page of videos. A single invalid video is left out; a page with only invalid ones is an error.
 *
 * @throws PipelineError `PEXELS_RESPONSE_INVALID`
 */
export function parseVideoPage(response: unknown): PexelsVideo[] {
  const { videos } = fields(response);
  if (!Array.isArray(videos)) {
    throw invalid("it has no array of videos");
  }
  const parsed = videos.map(readVideo).filter((video) => video !== undefined);
  if (parsed.length === 0 && videos.length > 0) {
    throw invalid("none of its videos has an id, a size and files");
  }
  return parsed;
}

/**
 * Parses one video.
 *
 * @throws PipelineError `PEXELS_RESPONSE_INVALID`
 */
export function parseVideo(response: unknown): PexelsVideo {
  const video = readVideo(response);
  if (video === undefined) {
    throw invalid("the video has no id, size or files");
  }
  return video;
}

function readVideo(value: unknown): PexelsVideo | undefined {
  const video = fields(value);
  const id = positive(video.id);
  const width = positive(video.width);
  const height = positive(video.height);
  if (id === undefined || width === undefined || height === undefined || !Array.isArray(video.video_files)) {
    return undefined;
  }
  const user = fields(video.user);
  return {
    id,
    pageUrl: text(video.url) ?? `https://www.pexels.com/video/${id}/`,
    author: text(user.name) ?? "",
    authorUrl: text(user.url) ?? "",
    durationSeconds: positive(video.duration) ?? 0,
    width,
    height,
    renditions: video.video_files.map(readRendition).filter((rendition) => rendition !== undefined),
  };
}

function readRendition(value: unknown): Rendition | undefined {
  const file = fields(value);
  const id = positive(file.id);
  const width = positive(file.width);
  const height = positive(file.height);
  const url = text(file.link);
  const fileType = text(file.file_type);
  const quality = text(file.quality);
  if (id === undefined || width === undefined || height === undefined || fileType === undefined || !isWebUrl(url)) {
    return undefined;
  }
  if (quality === "hls" || URL.parse(url)?.pathname.endsWith(".m3u8")) {
    return undefined;
  }
  const fps = positive(file.fps);
  const bytes = positive(file.size);
  return {
    id,
    url,
    width,
    height,
    fileType,
    ...(fps !== undefined && { fps }),
    ...(quality !== undefined && { quality }),
    ...(bytes !== undefined && { bytes }),
  };
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isWebUrl(url: string | undefined): url is string {
  return url !== undefined && /^https?:$/.test(URL.parse(url)?.protocol ?? "");
}

function invalid(why: string): PipelineError {
  return new PipelineError(
    "PEXELS_RESPONSE_INVALID",
    `Pexels' response does not match its API: ${why}. Check the server URL of the Pexels account.`,
  );
}
