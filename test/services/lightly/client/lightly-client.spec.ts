import assert from "node:assert/strict";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { createLightlyClient } from "../../../../src/services/lightly/client/lightly-client.ts";
import { apiPath } from "../../../../src/services/lightly/client/send-request.ts";
import { created, json, never, refused, type StubLightly, startStubLightly, TOKEN } from "../stub-lightly.ts";

describe("Lightly's client", () => {
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

  it("sends the token as the last query parameter, percent-encoded, and requests JSON", async () => {
    stub.on("GET /v1/datasets", json([]));
    await stub.client.request({
      method: "GET",
      path: "/v1/datasets",
      query: [
        ["states", "OPEN"],
        ["states", "DONE"],
        ["name", "a b&c"],
      ],
      signal: never(),
    });
    const [seen] = stub.seen;
    assert.equal(seen?.search, `?states=OPEN&states=DONE&name=a%20b%26c&token=${encodeURIComponent(TOKEN)}`);
    assert.equal(seen?.query.get("token"), TOKEN);
    assert.equal(seen?.headers.accept, "application/json");
    assert.equal(seen?.headers["user-agent"], "node-red-contrib-lightly-aws");
    assert.equal(seen?.headers["content-type"], undefined);
    assert.equal(seen?.headers.authorization, undefined);
  });

  it("sends a body as JSON, and a PUT without one with length 0 and no content type", async () => {
    stub.on("POST /v1/datasets", created("65f0c1a2b3c4d5e6f7a8b9c0"));
    stub.on("PUT /v1/thing", { status: 204 });
    await post();
    await stub.client.request({ method: "PUT", path: "/v1/thing", signal: never() });
    const [first, second] = stub.seen;
    assert.equal(first?.text, '{"name":"x"}');
    assert.equal(first?.headers["content-type"], "application/json");
    assert.equal(second?.headers["content-length"], "0");
    assert.equal(second?.headers["content-type"], undefined);
  });

  it("keeps a path prefix of the server, and accepts surrounding spaces and trailing slashes", async () => {
    stub.on("GET /lightly/api/v1/datasets", json([]));
    const client = createLightlyClient({ token: ` ${TOKEN}\n`, server: `  ${stub.url}/lightly/api// ` });
    await client.request({ method: "GET", path: "/v1/datasets", signal: never() });
    assert.equal(client.server, `${stub.url}/lightly/api`);
    assert.equal(stub.seen[0]?.query.get("token"), TOKEN);
  });

  it("percent-encodes values in a path, including slashes", () => {
    assert.equal(apiPath`/v1/datasets/query/name/${"a b/c"}`, "/v1/datasets/query/name/a%20b%2Fc");
  });

  for (const server of ["", "api.lightly.ai", "ftp://api.lightly.ai", "http://user:pw@host", "http://host/?a=b"]) {
    it(`refuses the server URL ${JSON.stringify(server)} without repeating it`, () => {
      assert.throws(
        () => createLightlyClient({ token: TOKEN, server }),
        (error: PipelineError) => error.code === "INPUT_INVALID" && !error.message.includes("user:pw"),
      );
    });
  }

  it("refuses a blank token", () => {
    assert.throws(() => createLightlyClient({ token: " ", server: stub.url }), { code: "LIGHTLY_TOKEN_MISSING" });
  });

  describe("maps refusals once", () => {
    const cases: Array<[number, string, string]> = [
      [401, "UNAUTHORIZED", "LIGHTLY_UNAUTHORIZED"],
      [402, "ACCOUNT_SUBSCRIPTION_INSUFFICIENT", "LIGHTLY_ACCESS_DENIED"],
      [403, "FORBIDDEN", "LIGHTLY_ACCESS_DENIED"],
      [404, "DATASET_UNKNOWN", "LIGHTLY_DATASET_NOT_FOUND"],
      [404, "DOCKER_RUN_UNKNOWN", "LIGHTLY_REQUEST_REFUSED"],
      [400, "MALFORMED_REQUEST", "LIGHTLY_REQUEST_REFUSED"],
      [409, "CONFLICT", "LIGHTLY_REQUEST_REFUSED"],
      [422, "BAD_REQUEST", "LIGHTLY_REQUEST_REFUSED"],
    ];
    for (const [status, apiCode, code] of cases) {
      it(`${status} ${apiCode} is ${code}, without a retry`, async () => {
        stub.on("GET /v1/datasets", refused(status, apiCode, "because of this"));
        await assert.rejects(get(), (error: PipelineError) => {
          assert.equal(error.code, code);
          assert.equal(error.retryable, false);
          assert.deepEqual(error.details, { endpoint: "GET /v1/datasets", status, delivery: "refused", apiCode });
          assert.match(error.message, new RegExp(`GET /v1/datasets: ${status} ${apiCode} because of this`));
          return true;
        });
        assert.equal(stub.seen.length, 1);
      });
    }

    it("accepts any error body: none, HTML, a number", async () => {
      for (const body of [undefined, "<html>no</html>", "7"]) {
        stub.on("GET /v1/datasets", { status: 418, ...(body === undefined ? {} : { body }) });
        await assert.rejects(get(), { code: "LIGHTLY_REQUEST_REFUSED" });
      }
    });
  });

  for (const status of [401, 403, 404, 429]) {
    it(`tells a web page with HTTP ${status} as what it is, and does not blame the token or the value`, async () => {
      const headers = { "content-type": "text/html", "cf-ray": "8f0c1-FRA" };
      stub.on("GET /v1/datasets", { status, headers, body: "<html><title>Just a moment...</title></html>" });
      await assert.rejects(get(), ({ code, message }: PipelineError) => {
        assert.equal(code, "LIGHTLY_REQUEST_REFUSED");
        assert.match(
          message,
          new RegExp(`HTTP ${status} and a web page \\("Just a moment\\.\\.\\.", Cloudflare ray 8f0c1-FRA`),
        );
        return true;
      });
    });
  }

  it("accepts only 201 for POST and only 200 for GET", async () => {
    stub.on("POST /v1/datasets", json({ id: "65f0c1a2b3c4d5e6f7a8b9c0" }));
    await assert.rejects(post(), { code: "LIGHTLY_RESPONSE_INVALID", message: /status 200 instead of 201/ });
    stub.on("GET /v1/datasets", { status: 204 });
    await assert.rejects(get(), { code: "LIGHTLY_RESPONSE_INVALID", message: /status 204 instead of 200/ });
  });

  it("does not send the token to the target of a redirect", async () => {
    stub.on("GET /v1/datasets", { status: 302, headers: { location: `${stub.url}/elsewhere?token=x` } });
    await assert.rejects(get(), { code: "LIGHTLY_RESPONSE_INVALID", message: /is a redirect to http:\/\/127/ });
    assert.equal(stub.seen.length, 1);
  });

  it("fails after the time limit if a server does not respond", async () => {
    stub.on("GET /v1/datasets", "hang");
    const client = stub.connect({ requestTimeoutMs: 30 });
    await assert.rejects(client.request({ method: "GET", path: "/v1/datasets", attempts: 1, signal: never() }), {
      code: "LIGHTLY_UNREACHABLE",
      message: /within 0.03 s/,
      retryable: true,
    });
  });

  it("ends a request immediately when it is aborted", async () => {
    const controller = new AbortController();
    stub.on("GET /v1/datasets", () => {
      controller.abort("the flow was redeployed");
      return "hang";
    });
    await assert.rejects(
      stub.client.request({ method: "GET", path: "/v1/datasets", signal: controller.signal }),
      (error: PipelineError) => error.isAbort && error.message === "Stopped: the flow was redeployed",
    );
  });

  it("ends the pause before another attempt when it is aborted", async () => {
    const controller = new AbortController();
    stub.clock.alarm(1, () => controller.abort("enough"));
    stub.on("GET /v1/datasets", refused(500, "X"));
    await assert.rejects(stub.client.request({ method: "GET", path: "/v1/datasets", signal: controller.signal }), {
      code: "ABORTED",
    });
    assert.equal(stub.seen.length, 1);
  });

  it("sends nothing if it was aborted before", async () => {
    await assert.rejects(
      stub.client.request({ method: "GET", path: "/v1/datasets", signal: AbortSignal.abort("too late") }),
      (error: unknown) => error instanceof PipelineError && error.isAbort,
    );
    assert.equal(stub.seen.length, 0);
  });
});
