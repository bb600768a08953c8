import assert from "node:assert/strict";
import type { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { createLightlyClient } from "../../../../src/services/lightly/client/lightly-client.ts";
import { created, json, never, refused, type StubLightly, startStubLightly, TOKEN } from "../stub-lightly.ts";

describe("Lightly's client, when a request fails,", () => {
  let stub: StubLightly;
  before(async () => {
    stub = await startStubLightly();
  });
  beforeEach(() => stub.reset());
  after(() => stub.close());

  const get = (o: { attempts?: number } = {}) =>
    stub.client.request({ method: "GET", path: "/v1/datasets", signal: never(), ...o });
  const post = (o: { repeatable?: boolean } = {}) =>
    stub.client.request({ method: "POST", path: "/v1/datasets", body: { name: "x" }, signal: never(), ...o });

  describe("repeats a GET", () => {
    for (const status of [408, 500, 502, 503, 504]) {
      it(`after ${status}`, async () => {
        stub.on("GET /v1/datasets", refused(status, "X"), json([]));
        assert.equal((await get()).text, "[]");
        assert.equal(stub.seen.length, 2);
      });
    }

    it("after a reset and after a truncated response", async () => {
      stub.on("GET /v1/datasets", "reset", "cut off", json([]));
      assert.equal((await get()).text, "[]");
      assert.equal(stub.seen.length, 3);
    });

    it("up to five times, with growing pauses, and then reports the last failure", async () => {
      stub.on("GET /v1/datasets", refused(503, "DOWN", "asleep"));
      await assert.rejects(get(), { code: "LIGHTLY_SERVICE_FAILED", retryable: true });
      assert.equal(stub.seen.length, 5);
      const limits = [1000, 2000, 4000, 8000];
      assert.equal(stub.clock.slept.length, limits.length);
      stub.clock.slept.forEach((ms, at) => {
        const limit = limits[at] ?? 0;
        assert.ok(ms > limit * 0.79 && ms <= limit, `${ms} of ${limit}`);
      });
    });

    it("not at all for a caller that polls", async () => {
      stub.on("GET /v1/datasets", refused(503, "DOWN"));
      await assert.rejects(get({ attempts: 1 }), { code: "LIGHTLY_SERVICE_FAILED" });
      assert.equal(stub.seen.length, 1);
    });
  });

  describe("after 429", () => {
    it("waits at least ten seconds", async () => {
      stub.on("GET /v1/datasets", refused(429, "TOO_MANY"), { status: 429, headers: { "retry-after": "3" } }, json([]));
      await get();
      assert.deepEqual(stub.clock.slept, [10_000, 10_000]);
    });

    it("waits according to Retry-After, in seconds or until a date", async () => {
      const date = new Date(Date.now() + 60_000).toUTCString();
      stub.on(
        "GET /v1/datasets",
        { status: 429, headers: { "retry-after": "42" } },
        { status: 429, headers: { "retry-after": date } },
        json([]),
      );
      await get();
      assert.equal(stub.clock.slept[0], 42_000);
      const untilDate = stub.clock.slept[1] ?? 0;
      assert.ok(untilDate > 50_000 && untilDate <= 60_000, String(untilDate));
    });

    it("fails with the requested duration instead of waiting for hours", async () => {
      stub.on("GET /v1/datasets", { status: 429, headers: { "retry-after": "7200" } });
      await assert.rejects(get(), (error: PipelineError) => {
        assert.equal(error.code, "LIGHTLY_RATE_LIMITED");
        assert.equal(error.details.retryAfterMs, 7_200_000);
        assert.match(error.message, /Wait 2 h before/);
        return true;
      });
      assert.deepEqual(stub.clock.slept, []);
    });

    it("repeats a POST too, because it was refused", async () => {
      stub.on("POST /v1/datasets", refused(429, "TOO_MANY"), created("65f0c1a2b3c4d5e6f7a8b9c0"));
      await post();
      assert.equal(stub.seen.length, 2);
    });
  });

  describe("never repeats a POST blindly", () => {
    for (const reply of [refused(500, "X"), refused(503, "X"), "reset", "cut off"] as const) {
      it(`after ${typeof reply === "object" ? reply.status : reply}`, async () => {
        stub.on("POST /v1/datasets", reply);
        await assert.rejects(post(), (error: PipelineError) => error.details.delivery === "unknown");
        assert.equal(stub.seen.length, 1);
      });
    }

    it("but does if nothing was sent, because there was no listener", async () => {
      const lost = await startStubLightly();
      await lost.close();
      const { clock } = stub;
      const client = createLightlyClient({ token: TOKEN, server: lost.url, clock });
      await assert.rejects(
        client.request({ method: "POST", path: "/v1/datasets", body: {}, signal: never() }),
        (error: PipelineError) => {
          assert.equal(error.code, "LIGHTLY_UNREACHABLE");
          assert.equal(error.details.delivery, "not-sent");
          assert.match(error.message, /ECONNREFUSED/);
          return true;
        },
      );
      assert.equal(clock.slept.length, 4);
    });

    it("and if the caller declares it idempotent", async () => {
      stub.on("POST /v1/datasets", "reset", created("65f0c1a2b3c4d5e6f7a8b9c0"));
      await post({ repeatable: true });
      assert.equal(stub.seen.length, 2);
    });
  });
});
