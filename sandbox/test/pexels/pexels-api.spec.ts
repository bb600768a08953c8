import assert from "node:assert/strict";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { readClipLibrary } from "../../src/clips/clip-library.ts";
import { createFaults } from "../../src/faults/faults.ts";
import { createPexelsApi } from "../../src/pexels/pexels-api.ts";
import { fullClips } from "../clips/test-clips.ts";

const KEY = "pexels-key";

interface VideoFile {
  id: number;
  quality: string;
  file_type: string;
  width: number | null;
  height: number | null;
  fps: number | null;
  link: string;
  size: number | null;
}
interface Video {
  id: number;
  url: string;
  image: string;
  duration: number;
  width: number;
  height: number;
  user: { name: string };
  video_files: VideoFile[];
  video_pictures: Array<{ picture: string }>;
}
interface Page {
  page: number;
  per_page: number;
  total_results: number;
  next_page?: string;
  videos: Video[];
}

describe("The Pexels stand-in", () => {
  const faults = createFaults();
  let base = "";
  let api: ReturnType<typeof createPexelsApi>;
  let clipsDir = "";

  async function serve(
    videosDir: string,
    log: (line: string) => void = () => {},
  ): Promise<ReturnType<typeof createPexelsApi>> {
    const made = createPexelsApi({ apiKey: KEY, videosDir, publicUrl: () => base, faults, log });
    await new Promise<void>((resolve) => made.server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(made.server.address() as AddressInfo).port}`;
    return made;
  }
  const get = (path: string, key = KEY): Promise<Response> =>
    fetch(path.startsWith("http") ? path : base + path, { headers: { authorization: key } });
  const page = async (path: string): Promise<Page> => (await (await get(path)).json()) as Page;

  before(async () => {
    clipsDir = await fullClips();
    api = await serve(clipsDir);
  });
  after(() => api.close());
  afterEach(() => faults.clear());

  it("refuses a wrong key and a missing one with 401, and sends rate limits only with successful responses", async () => {
    for (const response of [await get("/videos/popular", "wrong"), await fetch(`${base}/videos/popular`)]) {
      assert.equal(response.status, 401);
      assert.equal(response.headers.get("x-ratelimit-remaining"), null);
    }
    const first = await get("/videos/popular");
    const second = await get("/videos/popular");
    assert.equal(first.headers.get("x-ratelimit-limit"), "20000");
    assert.equal(
      Number(first.headers.get("x-ratelimit-remaining")) - Number(second.headers.get("x-ratelimit-remaining")),
      1,
    );
    assert.ok(Number(second.headers.get("x-ratelimit-reset")) > Date.now() / 1000);
  });

  it("accepts only local host names, so that no web page can reach the user's videos", async () => {
    const { host, port } = new URL(base);
    const [video] = (await page("/videos/popular")).videos;
    const path = new URL(video?.video_files[1]?.link ?? "").pathname;
    const statusOf = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        request({ host: "127.0.0.1", port, path, method: "HEAD", headers }, ({ statusCode }) => resolve(statusCode))
          .on("error", reject)
          .end();
      });
    assert.equal(await statusOf({ host }), 200);
    assert.equal(await statusOf({ host: `localhost:${port}` }), 200);
    assert.equal(await statusOf({ host: `rebound.example:${port}` }), 403);
    assert.equal(await statusOf({ host, origin: "https://elsewhere.example" }), 403);
  });

  it("lists every clip with two MP4 renditions and a playlist that looks like a third one", async () => {
    const { videos, total_results } = await page("/videos/popular");
    const library = await readClipLibrary(clipsDir);
    assert.equal(total_results, library?.clips.length);
    assert.ok(total_results >= 6);
    for (const video of videos) {
      const [large, small, playlist] = video.video_files;
      assert.ok(large && small && playlist);
      assert.equal(large.width, (small.width ?? 0) * 2);
      assert.deepEqual([large.width, large.height], [video.width, video.height]);
      assert.deepEqual([playlist.quality, playlist.file_type, playlist.width], ["hls", "video/mp4", null]);
      assert.match(playlist.link, /\.m3u8$/);
      assert.equal(video.user.name, "Sandbox clips");
      assert.ok(Number.isInteger(video.duration));
    }
  });

  it("pages, and links to the next page until there is none", async () => {
    const seen: number[] = [];
    let path: string | undefined = "/videos/popular?per_page=3";
    while (path !== undefined) {
      const { videos, per_page, next_page }: Page = await page(path);
      assert.equal(per_page, 3);
      seen.push(...videos.map(({ id }) => id));
      path = next_page;
    }
    const { videos } = await page("/videos/popular");
    assert.deepEqual(
      seen,
      videos.map(({ id }) => id),
    );
    assert.deepEqual((await page("/videos/popular?page=99")).videos, []);
  });

  it("searches titles and tags for all words, and returns an empty page for an unknown query", async () => {
    const titles = async (query: string): Promise<string[]> =>
      (await page(`/videos/search?query=${query}`)).videos.map(({ url }) => url);
    assert.equal((await titles("SEA")).length, 1);
    assert.equal((await titles("city night")).length, 2);
    const nothing = await page("/videos/search?query=giraffe");
    assert.deepEqual([nothing.total_results, nothing.videos, nothing.page], [0, [], 1]);
    assert.equal((await get("/videos/search")).status, 400);
  });

  it("filters by orientation, size and duration", async () => {
    const count = async (query: string): Promise<number> => (await page(`/videos/popular?${query}`)).total_results;
    assert.equal(await count("orientation=portrait"), 1);
    assert.equal(await count("orientation=square"), 1);
    assert.equal(await count("size=small"), 0, "no clip is HD");
    assert.equal(await count("min_duration=20"), 1);
    assert.equal((await count("max_duration=17")) + (await count("min_duration=18")), await count(""));
  });

  it("finds a video by id, and returns 404 for an unknown one", async () => {
    const response = await get("/videos/videos/8100003");
    const video = (await response.json()) as Video;
    assert.equal(video.id, 8100003);
    const missing = await get("/videos/videos/1");
    assert.equal(missing.status, 404);
    assert.deepEqual(await missing.json(), { status: 404, code: "Not Found" });
  });

  it("serves files without a key: complete, by HEAD, by range, and with 304 if unchanged", async () => {
    const video = (await (await get("/videos/videos/8100001")).json()) as Video;
    const { link = "", size } = video.video_files[0] ?? {};
    const whole = await fetch(link);
    const bytes = Buffer.from(await whole.arrayBuffer());
    assert.equal(bytes.length, size);
    assert.equal(whole.headers.get("content-length"), String(size));
    assert.equal(whole.headers.get("content-type"), "video/mp4");
    const etag = whole.headers.get("etag") ?? "";

    const head = await fetch(link, { method: "HEAD" });
    assert.equal(head.headers.get("content-length"), String(size));

    const part = await fetch(link, { headers: { range: "bytes=100-", "if-range": etag } });
    assert.equal(part.status, 206);
    assert.equal(part.headers.get("content-range"), `bytes 100-${bytes.length - 1}/${bytes.length}`);
    assert.ok(bytes.subarray(100).equals(Buffer.from(await part.arrayBuffer())));

    const tail = await fetch(link, { headers: { range: "bytes=-10" } });
    assert.ok(bytes.subarray(-10).equals(Buffer.from(await tail.arrayBuffer())));
    assert.equal((await fetch(link, { headers: { range: `bytes=${bytes.length}-` } })).status, 416);
    assert.equal((await fetch(link, { headers: { range: "bytes=5-", "if-range": '"other"' } })).status, 200);
    assert.equal((await fetch(link, { headers: { "if-none-match": etag } })).status, 304);
    assert.equal((await fetch(`${base}/files/clips.json`)).status, 404);
    assert.equal((await fetch(`${base}/files/..%2F..%2Fpackage.json`)).status, 404);
  });

  it("serves the other links of a video too: page, picture, playlist", async () => {
    const video = (await (await get("/videos/videos/8100005")).json()) as Video;
    const [type, picture] = await Promise.all([
      fetch(video.url).then((response) => response.headers.get("content-type")),
      fetch(video.video_pictures[2]?.picture ?? "").then((response) => response.arrayBuffer()),
    ]);
    assert.match(type ?? "", /html/);
    assert.deepEqual([...new Uint8Array(picture.slice(0, 2))], [0xff, 0xd8], "a JPEG");
    assert.match(await (await fetch(video.video_files.at(-1)?.link ?? "")).text(), /^#EXTM3U/);
  });

  it("has separate faults for the API and the files", async () => {
    faults.add({ service: "pexels", operation: "GET /videos/popular", kind: "throttle", times: 1 });
    faults.add({ service: "pexels", operation: "GET /files", kind: "reset", times: 1 });
    assert.equal((await get("/videos/search?query=sea")).status, 200);
    const throttled = await get("/videos/popular");
    assert.equal(throttled.status, 429);
    assert.equal(throttled.headers.get("x-ratelimit-limit"), null);
    const { videos } = await page("/videos/popular");
    const link = videos[0]?.video_files[0]?.link ?? "";
    await assert.rejects(fetch(link));
    assert.equal((await fetch(link)).status, 200);
  });

  it("serves a user's folder: ids are stable, sizes are read from the files, and unreadable files are logged once", async () => {
    const dir = temporaryFolder();
    const lines: string[] = [];
    const clip = (await readClipLibrary(clipsDir))?.clips[4];
    await copyFile(join(clipsDir, clip?.files[1]?.name ?? ""), join(dir, "my Küche #1.mp4"));
    await writeFile(join(dir, "old.avi"), "RIFF");
    await writeFile(join(dir, "broken.mp4"), "nothing");
    await writeFile(join(dir, "notes.txt"), "no video");
    const clipsBase = base;
    const own = await serve(dir, (line) => lines.push(line));
    try {
      const first = await page("/videos/popular");
      const second = await page("/videos/search?query=küche");
      assert.deepEqual(first.videos, second.videos);
      const [video] = first.videos;
      assert.ok(video !== undefined && first.videos.length === 1);
      assert.deepEqual([video.width, video.height, video.video_files[0]?.fps], [180, 320, 15]);
      const downloaded = Buffer.from(await (await fetch(video.video_files[0]?.link ?? "")).arrayBuffer());
      assert.ok(downloaded.equals(await readFile(join(dir, "my Küche #1.mp4"))));
      assert.equal(lines.length, 2);
      assert.match(lines.join(" "), /old\.avi: AVI files can't be read here/);
      assert.match(lines.join(" "), /broken\.mp4/);
    } finally {
      await own.close();
      base = clipsBase;
    }
  });
});
