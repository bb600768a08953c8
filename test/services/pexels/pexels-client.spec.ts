import assert from "node:assert/strict";
import { inspect } from "node:util";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { createPexelsClient } from "../../../src/services/pexels/pexels-client.ts";
import { manualClock } from "../../support/fake-clock.ts";
import { KEY, type PexelsStub, pexels, sendJson } from "./pexels-stub.ts";

const signal = new AbortController().signal;

describe("the Pexels client", () => {
  let stub: PexelsStub | undefined;
  afterEach(async () => {
    await stub?.close();
    stub = undefined;
  });

  it("sends the key unchanged, and the query", async () => {
    stub = await pexels((_query, response) => sendJson(response, { ok: true }));
    const answer = await stub.client.get("/videos/search", { query: "a b&c", page: 2, size: undefined }, signal);
    assert.deepEqual(answer, { ok: true });
    assert.equal(stub.requests[0]?.headers.authorization, KEY);
    assert.deepEqual(stub.asked(), ["/videos/search?query=a+b%26c&page=2"]);
  });

  it("keeps a path of the base URL", async () => {
    stub = await pexels((_query, response) => sendJson(response, {}));
    const client = createPexelsClient({ apiKey: KEY, apiUrl: `${stub.url("/proxy/pexels/").href}` });
    await client.get("/videos/popular", {}, signal);
    assert.deepEqual(stub.asked(), ["/proxy/pexels/videos/popular"]);
  });

  for (const [status, code, requests] of [
    [401, "PEXELS_UNAUTHORIZED", 1],
    [403, "PEXELS_UNAUTHORIZED", 1],
    [400, "PEXELS_REQUEST_REFUSED", 1],
    [404, "PEXELS_REQUEST_REFUSED", 1],
    [429, "PEXELS_RATE_LIMITED", 1],
    [500, "PEXELS_UNREACHABLE", 4],
    [503, "PEXELS_UNREACHABLE", 4],
  ] as const) {
    it(`maps HTTP ${status} to ${code} after ${requests} request(s)`, async () => {
      stub = await pexels((_query, response) => sendJson(response, { error: "no" }, status));
      const error = await rejection(stub.client.get("/videos/popular", {}, signal));
      assert.equal(error.code, code);
      assert.equal(stub.requests.length, requests);
      assert.doesNotMatch(inspect(error, { depth: 9 }), new RegExp(KEY));
    });
  }

  it("sends its own user agent", async () => {
    stub = await pexels((_query, response) => sendJson(response, {}));
    await stub.client.get("/videos/popular", {}, signal);
    assert.equal(stub.requests[0]?.headers["user-agent"], "node-red-contrib-lightly-aws");
  });

  for (const status of [401, 403, 429]) {
    it(`reports a web page with HTTP ${status} as such, and not as a problem of the key or its quota`, async () => {
      stub = await pexels((_query, response) => {
        const headers = { "content-type": "text/html; charset=UTF-8", "cf-ray": "8f0c1-FRA" };
        response
          .writeHead(status, headers)
          .end("<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>");
      });
      const error = await rejection(stub.client.get("/videos/popular", {}, signal));
      assert.equal(error.code, "PEXELS_REQUEST_REFUSED");
      assert.match(
        error.message,
        new RegExp(`HTTP ${status} with a web page \\("Just a moment\\.\\.\\.", Cloudflare ray 8f0c1-FRA\\)`),
      );
      assert.doesNotMatch(error.message, /PEXELS_API_KEY|quota/);
      assert.equal(stub.requests.length, 1);
    });
  }

  it("recognizes a web page by its beginning if its media type does not say so", async () => {
    stub = await pexels((_query, response) => response.writeHead(403).end("\n <HTML><body>Blocked</body></HTML>"));
    const error = await rejection(stub.client.get("/videos/popular", {}, signal));
    assert.match(error.message, /HTTP 403 with a web page instead of its API/);
  });

  for (const [said, code] of [
    ['{"status":401,"code":"Unauthorized"}', "PEXELS_UNAUTHORIZED"],
    ['{"error":"Invalid API key"}', "PEXELS_UNAUTHORIZED"],
    ["Forbidden", "PEXELS_UNAUTHORIZED"],
    ["", "PEXELS_UNAUTHORIZED"],
    ['{"error":"Your account is suspended"}', "PEXELS_REQUEST_REFUSED"],
    ["This country is not served", "PEXELS_REQUEST_REFUSED"],
  ] as const) {
    it(`takes a 403 that says ${said === "" ? "nothing" : said} as ${code}, and quotes it`, async () => {
      stub = await pexels((_query, response) => response.writeHead(403).end(said));
      const error = await rejection(stub.client.get("/videos/popular", {}, signal));
      assert.equal(error.code, code);
      assert.match(error.message, said === "" ? /HTTP 403\)/ : /HTTP 403: [A-Z]/);
    });
  }

  it("reports an unknown video", async () => {
    stub = await pexels((_query, response) => sendJson(response, { status: 404 }, 404));
    const error = await rejection(stub.client.get("/videos/videos/42", {}, signal));
    assert.equal(error.code, "PEXELS_VIDEO_NOT_FOUND");
    assert.match(error.message, /42/);
  });

  it("retries until the server recovers, with growing pauses", async () => {
    stub = await pexels((_query, response, request, count) => {
      if (count === 1) {
        request.socket.destroy();
      } else {
        sendJson(response, { count }, count === 2 ? 502 : 200);
      }
    });
    assert.deepEqual(await stub.client.get("/videos/popular", {}, signal), { count: 3 });
    const [first = 0, second = 0] = stub.clock.slept;
    assert.ok(first >= 250 && first <= 500 && second >= 500 && second <= 1000, `${first}, ${second}`);
  });

  it("reports until when the quota is used up, by the headers of the response", async () => {
    stub = await pexels((_query, response) => {
      response.setHeader("X-Ratelimit-Limit", "25000");
      response.setHeader("X-Ratelimit-Remaining", "0");
      response.setHeader("X-Ratelimit-Reset", "1769904000");
      sendJson(response, {}, 429);
    });
    const error = await rejection(stub.client.get("/videos/popular", {}, signal));
    assert.match(error.message, /25000 requests.*until 2026-02-01 00:00 UTC/);
    assert.equal(error.retryable, false);
    assert.deepEqual(error.details, {
      path: "/videos/popular",
      status: 429,
      limit: 25000,
      remaining: 0,
      resetAt: "2026-02-01T00:00:00.000Z",
    });
  });

  it("reports until when the quota is used up, by the last response with headers", async () => {
    stub = await pexels((_query, response, _request, count) => {
      if (count === 1) {
        response.setHeader("X-Ratelimit-Reset", "1769904000");
        sendJson(response, {});
      } else {
        sendJson(response, {}, 429);
      }
    });
    await stub.client.get("/videos/popular", {}, signal);
    const error = await rejection(stub.client.get("/videos/popular", {}, signal));
    assert.match(error.message, /until 2026-02-01 00:00 UTC/);
  });

  it("ignores headers that are not numbers", async () => {
    stub = await pexels((_query, response) => {
      response.setHeader("X-Ratelimit-Reset", "99999999999999999999");
      response.setHeader("X-Ratelimit-Limit", "many");
      sendJson(response, {}, 429);
    });
    const error = await rejection(stub.client.get("/videos/popular", {}, signal));
    assert.equal(error.code, "PEXELS_RATE_LIMITED");
    assert.match(error.message, /for now/);
  });

  it("quotes the reason of a refusal", async () => {
    stub = await pexels((_query, response) => sendJson(response, { error: "Invalid page" }, 422));
    assert.match((await rejection(stub.client.get("/videos/popular", {}, signal))).message, /HTTP 422: Invalid page/);
  });

  it("does not accept a web page as a response", async () => {
    stub = await pexels((_query, response) => response.end("<html><title>Wi-Fi login</title></html>"));
    const error = await rejection(stub.client.get("/videos/popular", {}, signal));
    assert.equal(error.code, "PEXELS_RESPONSE_INVALID");
    assert.match(error.message, /responded with a web page \("Wi-Fi login"\)/);
  });

  it("tells the page of a failure that is in front of Pexels", async () => {
    stub = await pexels((_query, response) =>
      response
        .writeHead(522, { "content-type": "text/html", "cf-ray": "8f0c1-FRA" })
        .end("<html><title>api.pexels.com | 522: Connection timed out</title></html>"),
    );
    const error = await rejection(stub.client.get("/videos/popular", {}, signal, { attempts: 1 }));
    assert.deepEqual([error.code, error.retryable], ["PEXELS_UNREACHABLE", true]);
    assert.match(error.message, /HTTP 522 with a web page \(".*522: Connection timed out", Cloudflare ray 8f0c1-FRA\)/);
  });

  it("says that no server listens at the address", async () => {
    stub = await pexels(() => {});
    await stub.close();
    const error = await rejection(stub.client.get("/videos/popular", {}, signal));
    assert.equal(error.code, "PEXELS_UNREACHABLE");
    assert.match(error.message, /ECONNREFUSED/);
  });

  it("gives up on a server that does not answer", async () => {
    const clock = manualClock(30_000);
    stub = await pexels(() => clock.advance(30_000));
    const client = createPexelsClient({ apiKey: KEY, apiUrl: stub.url("/").href, clock });
    const error = await rejection(client.get("/videos/popular", {}, signal));
    assert.equal(error.code, "PEXELS_UNREACHABLE");
    assert.match(error.message, /no response within 30 s/);
    assert.equal(stub.requests.length, 4);
  });

  it("ends when it is aborted", async () => {
    const abort = new AbortController();
    stub = await pexels(() => abort.abort(new Error("redeploy")));
    const error = await rejection(stub.client.get("/videos/popular", {}, abort.signal));
    assert.equal(error.code, "ABORTED");
    assert.equal(stub.requests.length, 1);
  });

  it("is not created without a key, with an invalid key or with an invalid base URL", () => {
    const apiUrl = "https://api.pexels.com";
    assert.throws(() => createPexelsClient({ apiKey: "  ", apiUrl }), { code: "PEXELS_KEY_MISSING" });
    assert.throws(() => createPexelsClient({ apiKey: "k\u00e9y", apiUrl }), { code: "PEXELS_UNAUTHORIZED" });
    assert.throws(() => createPexelsClient({ apiKey: KEY, apiUrl: "api.pexels.com" }), { code: "INPUT_INVALID" });
  });

  it("does not show its key", () => {
    const client = createPexelsClient({ apiKey: KEY, apiUrl: "https://api.pexels.com" });
    assert.doesNotMatch(inspect(client, { depth: 9, showHidden: true }) + JSON.stringify(client), new RegExp(KEY));
  });
});

async function rejection(work: Promise<unknown>): Promise<PipelineError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(outcome instanceof PipelineError, `expected a PipelineError, got ${outcome}`);
  return outcome;
}
