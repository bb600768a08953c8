import assert from "node:assert/strict";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { chooseRendition } from "../../../src/services/pexels/choose-rendition.ts";
import {
  type PickedVideo,
  type PickVideoOptions,
  pickVideo,
  pickVideos,
} from "../../../src/services/pexels/pick-video.ts";
import { seededRandom } from "../../../src/services/pexels/seeded-random.ts";
import type { VideoFilter } from "../../../src/services/pexels/video-filter.ts";
import { type PexelsStub, pexels, sendJson, video } from "./pexels-stub.ts";

const PAGE = Array.from({ length: 40 }, (_, index) => video(index + 1));

describe("pickVideo", () => {
  let stub: PexelsStub | undefined;
  afterEach(async () => {
    await stub?.close();
    stub = undefined;
  });

  /** Picks from a Pexels stub with these pages (from 1). */
  async function pick(pages: unknown[][], request: Partial<PickVideoOptions> = {}): Promise<PickedVideo> {
    await stub?.close();
    stub = await pexels((query, response) =>
      sendJson(response, { videos: pages[Number(query.get("page")) - 1] ?? [] }),
    );
    return pickVideo({
      client: stub.client,
      pick: { kind: "popular", page: 1 },
      maxWidth: 1920,
      signal: new AbortController().signal,
      ...request,
    });
  }

  async function failure(pages: unknown[][], request: Partial<PickVideoOptions> = {}): Promise<string> {
    const outcome = await pick(pages, request).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(outcome instanceof PipelineError, `expected a PipelineError, got ${outcome}`);
    return outcome.code;
  }

  it("returns the data for the credits", async () => {
    assert.deepEqual(await pick([[video(5)]]), {
      id: 5,
      pageUrl: "https://www.pexels.com/video/clip-5/",
      author: "Ann Lee",
      authorUrl: "https://www.pexels.com/@ann",
      durationSeconds: 12,
      width: 1920,
      height: 1080,
      rendition: {
        id: 52,
        url: "https://videos.example/5-1920.mp4?sig=1",
        width: 1920,
        height: 1080,
        fps: 25,
        quality: "hd",
        fileType: "video/mp4",
        bytes: 2920,
      },
    });
  });

  it("works without an author", async () => {
    const picked = await pick([[video(5, { user: null, url: undefined })]]);
    assert.deepEqual([picked.author, picked.authorUrl, picked.pageUrl], ["", "", "https://www.pexels.com/video/5/"]);
  });

  it("requests the video with an id", async () => {
    stub = await pexels((_query, response) => sendJson(response, video(7)));
    const signal = new AbortController().signal;
    const picked = await pickVideo({ client: stub.client, pick: { kind: "id", id: 7 }, maxWidth: 1280, signal });
    assert.deepEqual([picked.id, picked.rendition.width], [7, 1280]);
    assert.deepEqual(stub.asked(), ["/videos/videos/7"]);
  });

  it("returns the same file by the id of a picked video, with any filters", async () => {
    const request = {
      pick: { kind: "search", query: "rain" },
      seed: "run-1",
      maxWidth: 1300,
      minDurationSeconds: 5,
    } as const;
    const first = await pick([PAGE], request);
    await stub?.close();
    const { video_files: files, ...rest } = video(first.id) as { video_files: unknown[] };
    stub = await pexels((_query, response) => sendJson(response, { ...rest, video_files: files.reverse() }));
    const signal = new AbortController().signal;
    const filter = { orientation: "portrait", size: "large", minDurationSeconds: 999 } as const;
    const again = { ...request, ...filter, pick: { kind: "id", id: first.id } } as const;
    assert.deepEqual(await pickVideo({ client: stub.client, ...again, signal }), first);
    assert.deepEqual(stub.asked(), [`/videos/videos/${first.id}`]);
  });

  it("sends the filters that Pexels supports with each request", async () => {
    const filter = { orientation: "landscape", size: "medium", minDurationSeconds: 5, maxDurationSeconds: 60 } as const;
    await pick([PAGE], filter);
    assert.deepEqual(stub?.asked(), ["/videos/popular?min_duration=5&max_duration=60&page=1&per_page=80"]);
    await pick([PAGE], { ...filter, pick: { kind: "search", query: " city  at night ", page: 1 } });
    assert.deepEqual(stub?.asked(), [
      "/videos/search?query=city++at+night&orientation=landscape&size=medium&page=1&per_page=80",
    ]);
  });

  for (const [name, filter, changes] of [
    ["landscape", { orientation: "landscape" }, { width: 1080, height: 1920 }],
    ["portrait", { orientation: "portrait" }, { width: 1920, height: 1080 }],
    ["square", { orientation: "square" }, { width: 1920, height: 1080 }],
    ["large", { size: "large" }, { width: 1920, height: 1080 }],
    ["medium", { size: "medium" }, { width: 1280, height: 720 }],
    ["small", { size: "small" }, { width: 640, height: 360 }],
    ["long enough", { minDurationSeconds: 13 }, { duration: 12 }],
    ["short enough", { maxDurationSeconds: 11 }, { duration: 12 }],
  ] as const) {
    it(`filters what Pexels does not filter: ${name}`, async () => {
      const good = video(2, { duration: filterDuration(filter), ...shape(filter) });
      const picked = await pick([[video(1, changes), good, video(3, changes)]], filter);
      assert.equal(picked.id, 2);
      assert.equal(await failure([[video(1, changes)]], filter), "PEXELS_NO_MATCH");
    });
  }

  it("treats a wide film and a square video as Full HD", async () => {
    for (const [width, height] of [
      [1920, 800],
      [1080, 1080],
      [1080, 1920],
    ]) {
      assert.equal((await pick([[video(1, { width, height })]], { size: "medium" })).id, 1);
    }
  });

  describe("at random", () => {
    it("picks the same video for the same seed, in any order of the list", async () => {
      const first = await pick([PAGE], { seed: "monday" });
      const second = await pick([[...PAGE].reverse()], { seed: "monday" });
      assert.equal(first.id, second.id);
    });

    it("picks others for other seeds", async () => {
      const ids = new Set<number>();
      for (let seed = 0; seed < 12; seed += 1) {
        ids.add((await pick([PAGE], { seed: `seed ${seed}` })).id);
      }
      assert.ok(ids.size > 6, [...ids].join());
    });

    it("picks the same page for the same seed, among the first ten", async () => {
      const pages = Array.from({ length: 10 }, (_, page) => [video(page + 1)]);
      const seen = new Set<number>();
      for (let seed = 0; seed < 30; seed += 1) {
        const request = { pick: { kind: "popular" }, seed: String(seed) } as const;
        const { id } = await pick(pages, request);
        assert.equal((await pick(pages, request)).id, id);
        seen.add(id);
      }
      assert.ok(seen.size > 6);
      assert.ok([...seen].every((id) => id >= 1 && id <= 10));
    });

    it("treats an empty seed as none", async () => {
      const ids = new Set<number>();
      for (let time = 0; time < 12; time += 1) {
        ids.add((await pick([PAGE], { seed: "" })).id);
      }
      assert.ok(ids.size > 1);
    });

    it("uses the first page if the random one is empty", async () => {
      const seed = seedForPageOver(1);
      const picked = await pick([[video(1)]], { pick: { kind: "search", query: "city" }, seed });
      assert.equal(picked.id, 1);
      assert.equal(stub?.requests.length, 2);
    });

    it("uses only the requested page", async () => {
      assert.equal(await failure([PAGE], { pick: { kind: "popular", page: 9 } }), "PEXELS_NO_MATCH");
      assert.equal(stub?.requests.length, 1);
    });

    it("skips videos without a suitable file", async () => {
      const playlistOnly = {
        video_files: [
          { id: 1, file_type: "application/x-mpegURL", width: 640, height: 360, link: "https://videos.example/a.m3u8" },
        ],
      };
      for (let seed = 0; seed < 8; seed += 1) {
        const picked = await pick([[video(1, playlistOnly), video(2), video(3, playlistOnly)]], { seed: String(seed) });
        assert.equal(picked.id, 2);
      }
    });
  });

  describe("reports why there is no file", () => {
    const playlist = { id: 9, quality: "hls", file_type: "video/mp4", link: "https://videos.example/a.m3u8" };
    const only = (...files: unknown[]) => ({ video_files: files });
    const byId = { pick: { kind: "id", id: 7 } } as const;

    async function message(answer: unknown, request: Partial<PickVideoOptions>): Promise<string> {
      stub = await pexels((_query, response) => sendJson(response, answer));
      const options = { client: stub.client, pick: { kind: "popular" }, maxWidth: 639, ...request } as const;
      const error = await pickVideo({ ...options, signal: new AbortController().signal }).catch((thrown) => thrown);
      assert.ok(error instanceof PipelineError);
      assert.equal(error.code, "PEXELS_NO_RENDITION");
      assert.doesNotMatch(error.message, /\bno\b.*\bhas no\b/i);
      return error.message;
    }

    it("when each mp4 is too wide", async () => {
      assert.equal(
        await message({ videos: [video(1), video(2)] }, {}),
        "No video from the popular videos has an mp4 with a width of at most 639 pixels; the narrowest has 640. Increase the maximum width.",
      );
      await stub?.close();
      assert.equal(
        await message(video(7), byId),
        "The video https://www.pexels.com/video/clip-7/ has no mp4 with a width of at most 639 pixels; the narrowest has 640. Increase the maximum width.",
      );
    });

    it("when only playlists are left, also those with a size, or files of other formats", async () => {
      const sized = { ...playlist, width: 320, height: 180 };
      const webm = { ...sized, quality: "sd", file_type: "video/webm", link: "https://videos.example/a.webm" };
      const unnamed = { ...sized, quality: null };
      for (const files of [only(playlist), only(sized, unnamed), only(playlist, webm), only()]) {
        assert.equal(
          await message({ videos: [video(1, files)] }, {}),
          "All videos from the popular videos have only playlists (HLS) or other formats and no mp4 file. Pick another video.",
        );
        await stub?.close();
      }
      assert.equal(
        await message(video(7, only(playlist)), byId),
        "The video https://www.pexels.com/video/clip-7/ has only playlists (HLS) or other formats and no mp4 file. Pick another video.",
      );
    });
  });

  it("skips an invalid video, but not a whole page of them", async () => {
    assert.equal((await pick([[{ id: "x" }, null, video(2)]])).id, 2);
    assert.equal(await failure([[{ id: "x" }, null]]), "PEXELS_RESPONSE_INVALID");
  });

  for (const answer of [{}, { videos: null }, [], "text", null, 3]) {
    it(`refuses the response ${JSON.stringify(answer)}`, async () => {
      stub = await pexels((_query, response) => sendJson(response, answer));
      const request = { client: stub.client, maxWidth: 1920, signal: new AbortController().signal };
      for (const pick of [
        { kind: "popular", page: 1 },
        { kind: "id", id: 1 },
      ] as const) {
        await assert.rejects(pickVideo({ ...request, pick }), { code: "PEXELS_RESPONSE_INVALID" });
      }
    });
  }

  it("refuses a search without words, and invalid ids and pages, without a request", async () => {
    assert.equal(await failure([PAGE], { pick: { kind: "search", query: " " } }), "INPUT_INVALID");
    assert.equal(await failure([PAGE], { pick: { kind: "id", id: 0 } }), "INPUT_INVALID");
    assert.equal(await failure([PAGE], { pick: { kind: "popular", page: 1.5 } }), "INPUT_INVALID");
    assert.equal(stub?.requests.length, 0);
  });
});

describe("pickVideos", () => {
  let stub: PexelsStub | undefined;
  afterEach(async () => stub?.close());

  /** The ids of videos that were picked from a stub with these pages (from 1), and the number of requests. */
  async function pick(pages: unknown[][], count: number, page?: number, seed?: string) {
    await stub?.close();
    let requests = 0;
    stub = await pexels((query, response) => {
      requests += 1;
      sendJson(response, { videos: pages[Number(query.get("page")) - 1] ?? [] });
    });
    const { client } = stub;
    const { signal } = new AbortController();
    const list = { kind: "popular", ...(page !== undefined && { page }) } as const;
    const videos = await pickVideos({ client, pick: list, maxWidth: 1920, signal, ...(seed && { seed }) }, count);
    return { ids: videos.map(({ id }) => id), requests };
  }

  it("returns different videos of as many pages as it needs", async () => {
    const pages = [PAGE, PAGE.slice(20).concat([video(98), video(99)]), [video(100)]];
    const { ids, requests } = await pick(pages, 41, 1);
    assert.equal(ids.length, 41);
    assert.equal(new Set(ids).size, 41);
    assert.equal(requests, 2);
  });

  it("returns all that there are if these are fewer", async () => {
    const { ids } = await pick([[video(1), video(2)], [video(2)]], 10, 1);
    assert.deepEqual(ids.sort(), [1, 2]);
    const { ids: everywhere } = await pick([[video(1)], [video(2)], [video(3)]], 10, undefined, "a seed");
    assert.deepEqual(everywhere.sort(), [1, 2, 3]);
  });

  it("picks the same ones for the same seed, and random ones without", async () => {
    const first = await pick([PAGE], 5, 1, "monday");
    assert.deepEqual((await pick([[...PAGE].reverse()], 5, 1, "monday")).ids, first.ids);
    assert.notDeepEqual((await pick([PAGE], 5, 1, "tuesday")).ids, first.ids);
  });
});

describe("chooseRendition", () => {
  const file = (id: number, width: number, height: number, fileType = "video/mp4") => ({
    id,
    width,
    height,
    fileType,
    url: `https://videos.example/${id}.mp4`,
  });

  it("returns the widest file within the limit", () => {
    const files = [file(1, 640, 360), file(2, 3840, 2160), file(3, 1920, 1080), file(4, 1280, 720)];
    assert.equal(chooseRendition(files, 1920)?.id, 3);
    assert.equal(chooseRendition(files, 1919)?.id, 4);
    assert.equal(chooseRendition(files, 100), undefined);
  });

  it("uses the width of a portrait video too", () => {
    assert.equal(chooseRendition([file(1, 1080, 1920), file(2, 2160, 3840)], 1920)?.id, 1);
  });

  it("returns the lowest id among files of the same width", () => {
    assert.equal(chooseRendition([file(9, 1280, 720), file(3, 1280, 800), file(5, 1280, 720)], 1920)?.id, 3);
  });

  it("never returns a playlist or another format", () => {
    const files = [file(1, 1920, 1080, "application/x-mpegURL"), file(2, 1920, 1080, "video/webm"), file(3, 640, 360)];
    assert.equal(chooseRendition(files, 1920)?.id, 3);
  });
});

describe("seededRandom", () => {
  it("is uniform", () => {
    const random = seededRandom("spread");
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 10_000; index += 1) {
      const tenth = Math.floor(random() * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    assert.equal(tenths.length, 10);
    assert.ok(
      tenths.every((count) => count > 850 && count < 1150),
      tenths.join(),
    );
  });

  it("is stable, so that seeds in saved flows pick the same videos", () => {
    const random = seededRandom("monday");
    assert.deepEqual(
      [random(), random()].map((value) => value.toFixed(9)),
      ["0.126143560", "0.213028301"],
    );
  });
});

function filterDuration(filter: VideoFilter): number {
  return filter.minDurationSeconds ?? filter.maxDurationSeconds ?? 12;
}

function shape({ orientation }: VideoFilter): Record<string, number> {
  const sides = { width: 4096, height: 4096 };
  return orientation === "landscape"
    ? { ...sides, height: 2160 }
    : orientation === "portrait"
      ? { ...sides, width: 2160 }
      : sides;
}

/** A seed whose first random number, which chooses the page, leads past `page`. */
function seedForPageOver(page: number): string {
  for (let seed = 0; ; seed += 1) {
    if (1 + Math.floor(seededRandom(String(seed))() * 10) > page) {
      return String(seed);
    }
  }
}
