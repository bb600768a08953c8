import type { IncomingMessage, ServerResponse } from "node:http";
import { createPexelsClient, type PexelsClient } from "../../../src/services/pexels/pexels-client.ts";
import { type FakeClock, manualClock } from "../../support/fake-clock.ts";
import { type FileServer, serve } from "../http/file-server.ts";

export const KEY = "pexels-key-0123456789";

/** A video in the format of Pexels, 1920 x 1080 with three mp4 files and a playlist. */
export function video(id: number, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const file = (number: number, width: number, height: number): Record<string, unknown> => ({
    id: id * 10 + number,
    quality: "hd",
    file_type: "video/mp4",
    width,
    height,
    fps: 25,
    link: `https://videos.example/${id}-${width}.mp4?sig=1`,
    size: 1000 + width,
  });
  return {
    id,
    width: 1920,
    height: 1080,
    url: `https://www.pexels.com/video/clip-${id}/`,
    duration: 12,
    user: { id: 7, name: "Ann Lee", url: "https://www.pexels.com/@ann" },
    video_files: [
      file(1, 1280, 720),
      file(2, 1920, 1080),
      file(3, 640, 360),
      {
        id: id * 10 + 4,
        quality: "hls",
        file_type: "video/mp4",
        width: null,
        height: null,
        link: "https://videos.example/a.m3u8",
      },
    ],
    tags: [],
    ...changes,
  };
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

export interface PexelsStub extends FileServer {
  readonly client: PexelsClient;
  readonly clock: FakeClock;
  /** Path and query of each request. */
  asked(): string[];
}

/** A server that stands in for Pexels, and a client for it. */
export async function pexels(
  answer: (query: URLSearchParams, response: ServerResponse, request: IncomingMessage, count: number) => void,
): Promise<PexelsStub> {
  const server = await serve((request, response, count) => {
    answer(new URL(request.url ?? "", "http://stub").searchParams, response, request, count);
  });
  const clock = manualClock(30_000);
  const client = createPexelsClient({ apiKey: KEY, apiUrl: server.url("/").href, clock });
  return { ...server, client, clock, asked: () => server.requests.map((request) => request.url ?? "") };
}
