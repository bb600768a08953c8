import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { pickVideo } from "../../../src/services/pexels/pick-video.ts";
import { KEY, type PexelsStub, pexels, sendJson, video } from "./pexels-stub.ts";

const signal = new AbortController().signal;

/** The key in encodings that a server may use. */
const SPELLINGS = [
  KEY,
  `Bearer ${KEY}`,
  Buffer.from(KEY).toString("base64"),
  Buffer.from(`key:${KEY}`).toString("base64url"),
  [...KEY].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join(""),
];
const inJsonEscapes = [...KEY].map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`).join("");

describe("a hostile server instead of Pexels", () => {
  let stub: PexelsStub | undefined;
  afterEach(async () => {
    await stub?.close();
    stub = undefined;
  });

  /** The text of an error or result, including causes and hidden properties. */
  const told = (value: unknown): string =>
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null });

  async function errorOf(answer: (response: ServerResponse) => void): Promise<PipelineError> {
    stub = await pexels((_query, response) => answer(response));
    const error = await stub.client.get("/videos/popular", {}, signal).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof PipelineError, told(error));
    return error;
  }

  for (const said of [...SPELLINGS, inJsonEscapes]) {
    it(`can't add the key to an error as ${said.slice(0, 20)}`, async () => {
      for (const status of [400, 401, 404, 429, 500]) {
        const error = await errorOf((response) => {
          response.writeHead(status, { "content-type": "application/json", "x-ratelimit-limit": KEY });
          response.end(`{"error":"no such key: ${said}"}`);
        });
        assert.ok(!told(error).includes(KEY) && !told(error).includes(said), told(error));
        await stub?.close();
      }
      const page = await errorOf((response) => response.writeHead(200).end(`<a href="${said}">`));
      assert.ok(!told(page).includes(said), told(page));
    });

    it(`can't add the key to a result as ${said.slice(0, 20)}`, async () => {
      const answer = JSON.stringify(
        video(7, { url: "https://www.pexels.com/SAID/", user: { name: "SAID", url: "https://x/SAID" } }),
      ).replaceAll("SAID", said);
      stub = await pexels((_query, response) => response.writeHead(200).end(answer));
      const picked = await pickVideo({ client: stub.client, pick: { kind: "id", id: 7 }, maxWidth: 1920, signal });
      assert.equal(picked.id, 7);
      assert.ok(!told(picked).includes(KEY) && !told(picked).includes(said), told(picked));
    });
  }

  it("can't fill the memory with a compressed response", async () => {
    const zipped = gzipSync(Buffer.alloc(256 * 2 ** 20, "a"));
    const before = process.memoryUsage.rss();
    const error = await errorOf((response) => response.writeHead(200, { "content-encoding": "gzip" }).end(zipped));
    assert.equal(error.code, "PEXELS_RESPONSE_INVALID");
    assert.match(error.message, /more than 8 MiB/);
    assert.ok(process.memoryUsage.rss() - before < 192 * 2 ** 20);
  });

  it("can't redirect the request or the key", async () => {
    const error = await errorOf((response) => response.writeHead(302, { location: stub?.url("/inner").href }).end());
    assert.equal(error.code, "PEXELS_REQUEST_REFUSED");
    assert.match(error.message, /redirects to http:\/\/[\w.:]+ \(HTTP 302\)/);
    assert.deepEqual(stub?.asked(), ["/videos/popular"]);
  });

  it("may return any number of videos on a page", async () => {
    const videos = Array.from({ length: 10_000 }, (_, index) => video(index + 1, { video_files: [] }));
    videos.push(video(20_000));
    stub = await pexels((_query, response) => sendJson(response, { videos }));
    const picked = await pickVideo({ client: stub.client, pick: { kind: "popular" }, maxWidth: 1920, signal });
    assert.equal(picked.id, 20_000);
  });
});
