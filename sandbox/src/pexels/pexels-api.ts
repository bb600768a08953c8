import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { isLocalHost } from "../aws/same-machine.ts";
import type { Faults } from "../faults/faults.ts";
import { stopServer } from "../loopback-server.ts";
import { findVideos } from "./find-videos.ts";
import { previewPicture } from "./preview-picture.ts";
import { sendFile } from "./send-file.ts";
import { fileType, PREVIEWS, videoJson } from "./video-json.ts";
import { createVideoLibrary, type LibraryVideo, type VideoLibrary } from "./video-library.ts";

export interface PexelsApiOptions {
  /** The key that requests must carry in `Authorization`; files and pictures need none, as at Pexels. */
  readonly apiKey: string;
  /** Generated clips (with their `clips.json`) or any folder of videos. */
  readonly videosDir: string;
  /** Where clients reach this server, without a slash at the end; called per request, since the port is known only once it listens. */
  readonly publicUrl: () => string;
  readonly faults: Faults;
  readonly log?: (line: string) => void;
}

/** The names of all operations: the API's three, a video's files, its preview pictures and its page. */
export const PEXELS_OPERATIONS: readonly string[] = [
  ...["GET /videos/popular", "GET /videos/search", "GET /videos/videos"],
  ...["GET /files", "HEAD /files", "GET /pictures", "GET /video"],
];

/** Requests per month that Pexels allows; the headers of every successful response count them down. */
const RATE_LIMIT = 20_000;
const DAY_MS = 86_400_000;

/**
 * A stand-in for Pexels' video API over a folder of videos: popular, search and by id as documented, and the files with
 * ranges. The server is returned unstarted.
 */
export function createPexelsApi(options: PexelsApiOptions): { server: Server; close(): Promise<void> } {
  const library = createVideoLibrary(options.videosDir, options.log ?? (() => {}));
  let remaining = RATE_LIMIT;
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      options.log?.(`Pexels: ${request.method} ${request.url?.split("?")[0]} failed: ${String(error)}`);
      response.headersSent ? response.destroy() : refuse(response, 500, "Internal Server Error");
    });
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isLocalHost(request)) {
      return refuse(response, 403, "Forbidden");
    }
    const url = new URL(request.url ?? "/", "http://localhost");
    const [, area = "", ...rest] = url.pathname.split("/").map(decodeSegment);
    const operation = `${request.method} /${area === "videos" ? `videos/${rest[0] ?? ""}` : area}`;
    const isStruck = await options.faults.apply("pexels", operation, request, response, (...fault) =>
      refuse(response, fault[0], fault[1]),
    );
    if (isStruck || response.destroyed) {
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      return refuse(response, 405, "Method Not Allowed");
    }
    if (area !== "videos") {
      return sendMedia(request, response, area, rest, options.videosDir, library);
    }
    if (request.headers.authorization !== options.apiKey) {
      return refuse(response, 401, "Unauthorized");
    }
    const result = await lookUp(rest, url, await library.videos(), options.publicUrl());
    if (typeof result === "number") {
      return refuse(response, result, result === 400 ? "Bad Request" : "Not Found");
    }
    remaining = remaining === 0 ? RATE_LIMIT : remaining - 1;
    response.setHeader("x-ratelimit-limit", RATE_LIMIT);
    response.setHeader("x-ratelimit-remaining", remaining);
    response.setHeader("x-ratelimit-reset", Math.floor((Date.now() + 30 * DAY_MS) / 1000));
    sendJson(response, 200, result);
  }

  return { server, close: () => stopServer(server) };
}

/** The JSON of the response, or the status of an error. */
async function lookUp(
  [kind, id]: string[],
  url: URL,
  videos: readonly LibraryVideo[],
  base: string,
): Promise<object | 400 | 404> {
  if (kind === "videos") {
    const video = videos.find((one) => String(one.id) === id);
    return video === undefined ? 404 : videoJson(video, base);
  }
  if (kind !== "popular" && kind !== "search") {
    return 404;
  }
  if (kind === "search" && !url.searchParams.get("query")) {
    return 400;
  }
  const found = findVideos(videos, url.searchParams);
  const { page, perPage, total } = found;
  const linkTo = (number: number): string => {
    const parameters = new URLSearchParams(url.searchParams);
    parameters.set("page", String(number));
    parameters.set("per_page", String(perPage));
    return `${base}/videos/${kind}?${parameters}`;
  };
  return {
    page,
    per_page: perPage,
    videos: found.videos.map((video) => videoJson(video, base)),
    total_results: total,
    ...(page * perPage < total ? { next_page: linkTo(page + 1) } : {}),
    ...(page > 1 ? { prev_page: linkTo(page - 1) } : {}),
    url: `${base}/videos/`,
  };
}

/** Files, playlists, pictures and the page that a video's `url` leads to. */
async function sendMedia(
  request: IncomingMessage,
  response: ServerResponse,
  area: string,
  rest: string[],
  dir: string,
  library: VideoLibrary,
): Promise<void> {
  const videos = await library.videos();
  const name = rest[0] ?? "";
  if (area === "files" && videos.some(({ files }) => files.some((file) => file.name === name))) {
    return sendFile(request, response, join(dir, name), fileType(name));
  }
  if (area === "files" && /^\d+\.m3u8$/.test(name)) {
    return send(response, "application/vnd.apple.mpegurl", "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-ENDLIST\n");
  }
  const id = Number(/(\d+)$/.exec(name)?.[1]);
  const video = videos.find((one) => one.id === id);
  const file = video?.files.at(-1);
  const nr = Number(/^preview-(\d+)\.jpg$/.exec(rest[1] ?? "")?.[1]);
  if (area === "pictures" && file !== undefined && nr < PREVIEWS) {
    return send(response, "image/jpeg", await previewPicture(join(dir, file.name), nr / PREVIEWS));
  }
  if (area === "video" && video !== undefined && file !== undefined) {
    const title = video.title.replaceAll(/[<&"]/g, " ");
    const source = `/files/${encodeURIComponent(video.files[0]?.name ?? "")}`;
    return send(
      response,
      "text/html; charset=utf-8",
      `<title>${title}</title><h1>${title}</h1><video controls src="${source}"></video>\n`,
    );
  }
  refuse(response, 404, "Not Found");
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  sendJson(response, status, { status, code });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}

function send(response: ServerResponse, type: string, body: string | Buffer): void {
  response.writeHead(200, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body);
}
