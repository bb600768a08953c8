import assert from "node:assert/strict";
import { inspect } from "node:util";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { systemClock } from "../../../../src/polling/clock.ts";
import { createLightlyClient } from "../../../../src/services/lightly/client/lightly-client.ts";
import { prepareDataset } from "../../../../src/services/lightly/datasets/prepare-dataset.ts";
import { cancelRun } from "../../../../src/services/lightly/runs/cancel-run.ts";
import { monitorRun } from "../../../../src/services/lightly/runs/monitor-run.ts";
import { readRun } from "../../../../src/services/lightly/runs/read-run.ts";
import { scheduleRun } from "../../../../src/services/lightly/runs/schedule-run.ts";
import { selectionConfig } from "../../../../src/services/lightly/selection/selection-config.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { HANG_MS } from "../../../support/limits.ts";
import {
  DS,
  json,
  never,
  type Reply,
  run,
  SCH,
  type Seen,
  type StubLightly,
  startStubLightly,
} from "../stub-lightly.ts";

const TOKENS = ["0123456789abcdef0123456789abcdef", 'odd token/with+signs&"quotes"<é>'];

/** Every way in which a server or a proxy may repeat the URL of the request. */
const echoed = ({ path, search }: Seen): string => {
  const url = `http://lightly.test${path}${search}`;
  const token = new URLSearchParams(search).get("token") ?? "";
  return [
    url,
    decodeURIComponent(url),
    encodeURIComponent(url),
    token,
    JSON.stringify(token),
    String(new URLSearchParams({ token })).slice("token=".length),
  ].join(" ");
};
/** The echo, with the token across every length at which a text may be truncated. */
const echo = (seen: Seen): string => Array.from({ length: 30 }, () => echoed(seen)).join(" ");

function assertTellsNo(token: string, thrown: unknown): void {
  assert.ok(thrown instanceof PipelineError, `a ${typeof thrown} was thrown`);
  const chain = [];
  for (let error: unknown = thrown; error instanceof Error; error = error.cause) {
    chain.push(error.message, error.stack);
  }
  const seen = [
    inspect(thrown, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true, maxStringLength: null }),
    ...chain,
    JSON.stringify(thrown.details),
  ].join("\n");
  for (const spelling of spellingsOf(token)) {
    assert.ok(!seen.includes(spelling), `${spelling} in ${seen}`);
  }
}

/** Each encoding of the complete token, and of its first half, which a truncated text would contain. */
function spellingsOf(token: string): string[] {
  const inUrl = encodeURIComponent(token);
  const all = [
    token,
    inUrl,
    encodeURIComponent(inUrl),
    JSON.stringify(token).slice(1, -1),
    String(new URLSearchParams({ t: token })).slice(2),
  ];
  return all.flatMap((spelling) => [spelling, spelling.slice(0, Math.ceil(spelling.length / 2))]);
}

const thrownBy = async (work: () => Promise<unknown>): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  assert.fail("nothing was thrown");
};

for (const token of TOKENS) {
  describe(`the token ${JSON.stringify(token)} stays out of errors`, () => {
    let stub: StubLightly;
    before(async () => {
      stub = await startStubLightly();
    });
    beforeEach(() => stub.reset());
    after(() => stub.close());

    const failures: Array<[string, Reply]> = [
      ["a reset", "reset"],
      ["a response that breaks off", "cut off"],
      ["a server that never answers", "hang"],
      ...[400, 401, 402, 403, 404, 408, 409, 418, 422, 429, 500, 501, 503, 504].map((status): [string, Reply] => [
        `${status} whose body repeats the URL`,
        (seen) => ({ status, body: { code: echo(seen), error: echo(seen), requestId: echo(seen) } }),
      ]),
      [
        "404 of an unknown dataset that repeats the URL",
        (seen) => ({ status: 404, body: { code: "DATASET_UNKNOWN", error: echo(seen) } }),
      ],
      ["an HTML page that repeats the URL", (seen) => ({ status: 502, body: `<a href="${echo(seen)}">` })],
      ["malformed JSON that repeats the URL", (seen) => ({ status: 200, body: `{"id": "${echo(seen)}` })],
      ["malformed JSON that begins with the URL", (seen) => ({ status: 201, body: echo(seen) })],
      [
        "JSON of another form that repeats the URL",
        (seen) => ({ status: 200, body: { id: echo(seen), state: echo(seen), [echo(seen)]: 1 } }),
      ],
      [
        "a list of another form that repeats the URL",
        (seen) => ({ status: 200, body: [{ id: echo(seen), name: echo(seen), [echo(seen)]: 1 }] }),
      ],
      ["a creation of another form that repeats the URL", (seen) => ({ status: 201, body: { id: echo(seen) } })],
      [
        "a redirect to the same URL",
        ({ path, search }) => ({ status: 307, headers: { location: `http://127.0.0.1:9${path}${search}` } }),
      ],
      [
        "a redirect to nowhere",
        ({ path, search }) => ({ status: 302, headers: { location: `http://[${path}${search}` } }),
      ],
    ];
    for (const [what, reply] of failures) {
      it(`after ${what}, to a GET, a POST and a PUT`, async () => {
        const client = stub.connect({ token, requestTimeoutMs: reply === "hang" ? 40 : HANG_MS });
        const thrown: unknown[] = [];
        for (const method of ["GET", "POST", "PUT"] as const) {
          stub.on(`${method} /v1/thing`, reply);
          const body = method === "GET" ? undefined : {};
          const call = { method, path: "/v1/thing", body, attempts: 2, signal: never() };
          await client.request(call).catch((error: unknown) => thrown.push(error));
        }
        assert.ok(thrown.length > 0);
        for (const error of thrown) {
          assertTellsNo(token, error);
        }
      });

      it(`after ${what}, to a step that reads the response`, async () => {
        const client = stub.connect({ token, requestTimeoutMs: reply === "hang" ? 40 : HANG_MS });
        const at = { client, datasetId: DS, scheduledRunId: SCH, signal: never() };
        for (const endpoint of [
          "GET /v1/datasets/query/name/my-videos",
          "POST /v1/docker/worker/config/vX",
          `GET /v1/docker/runs/schedule/${SCH}`,
          `GET /v1/datasets/${DS}/docker/worker/schedule`,
          `PUT /v1/datasets/${DS}/docker/worker/schedule/${SCH}`,
        ]) {
          stub.on(endpoint, reply);
        }
        const selection = selectionConfig({ nSamples: 1 });
        const steps = [
          () => prepareDataset({ ...at, name: "my-videos", type: "Videos", datasources: [] }),
          () => scheduleRun({ ...at, selection, worker: {}, priority: "MID", runsOn: [] }),
          () => readRun(at),
          () => monitorRun({ ...at, timeoutMs: 3000, pollMs: 1000 }),
          () => cancelRun(at),
        ];
        const thrown: unknown[] = [];
        for (const step of steps) {
          await step().catch((error: unknown) => thrown.push(error));
        }
        assert.ok(thrown.length > 0);
        for (const error of thrown) {
          assertTellsNo(token, error);
        }
      });
    }

    it("after a refused connection", async () => {
      const gone = await startStubLightly();
      await gone.close();
      const client = createLightlyClient({ token, server: gone.url, clock: new FakeClock() });
      assertTellsNo(token, await thrownBy(() => client.request({ method: "GET", path: "/v1/x", signal: never() })));
    });

    it("after a host name that does not exist", async () => {
      const client = createLightlyClient({ token, server: "http://lightly.invalid", clock: new FakeClock() });
      assertTellsNo(
        token,
        await thrownBy(() => client.request({ method: "GET", path: "/v1/x", attempts: 1, signal: never() })),
      );
    });

    it("after an error of fetch with the request, in its message, its members and its causes", async () => {
      const leaky: typeof fetch = (url) => {
        const inner = Object.assign(new Error(`request to ${String(url)} failed`), { url, code: "E_LEAK" });
        const several = new AggregateError([inner], "");
        return Promise.reject(
          Object.assign(new TypeError(`fetch failed for ${String(url)}`, { cause: several }), { request: { url } }),
        );
      };
      const client = createLightlyClient({ token, server: stub.url, clock: new FakeClock(), fetch: leaky });
      const error = await thrownBy(() => client.request({ method: "GET", path: "/v1/x", signal: never() }));
      assertTellsNo(token, error);
      assert.ok(error instanceof PipelineError && error.cause instanceof Error);
      assert.match(error.cause.message, /fetch failed for .* request to .* failed/);
      assert.equal((error.cause as { code?: unknown }).code, "E_LEAK");
    });

    it("after an abort", async () => {
      const controller = new AbortController();
      stub.on("GET /v1/x", () => {
        controller.abort();
        return "hang";
      });
      const client = stub.connect({ token, clock: systemClock });
      assertTellsNo(
        token,
        await thrownBy(() => client.request({ method: "GET", path: "/v1/x", signal: controller.signal })),
      );
    });

    it("and out of a message of the run that repeats it", async () => {
      stub.on(`GET /v1/docker/runs/schedule/${SCH}`, (seen) => json(run("FAILED", `could not open ${echoed(seen)}`)));
      const report = await readRun({
        client: stub.connect({ token }),
        datasetId: DS,
        scheduledRunId: SCH,
        signal: never(),
      });
      assert.match(report.message ?? "", /^could not open /);
      for (const spelling of spellingsOf(token)) {
        assert.ok(!report.message?.includes(spelling), report.message);
      }
    });

    it("and out of the client itself", () => {
      const text = inspect(stub.connect({ token }), { depth: Number.POSITIVE_INFINITY, showHidden: true });
      assert.ok(!text.includes(token));
    });
  });
}
