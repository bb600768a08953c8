import assert from "node:assert/strict";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { eagerDelay } from "../../../../src/polling/delay.ts";
import { WakeUp } from "../../../../src/polling/wake-up.ts";
import { LIGHTLY_PUBLIC_SERVER } from "../../../../src/services/lightly/client/lightly-client.ts";
import type { LightlyRunReport } from "../../../../src/services/lightly/runs/lightly-run-report.ts";
import { type MonitorRunOptions, monitorRun } from "../../../../src/services/lightly/runs/monitor-run.ts";
import { readRun } from "../../../../src/services/lightly/runs/read-run.ts";
import {
  DS,
  json,
  never,
  type Reply,
  RUN,
  refused,
  run,
  SCH,
  type StubLightly,
  scheduled,
  startStubLightly,
} from "../stub-lightly.ts";

const WORKERS_RUN = `GET /v1/docker/runs/schedule/${SCH}`;
const LIST = `GET /v1/datasets/${DS}/docker/worker/schedule`;
const NO_RUN = refused(404, "DOCKER_RUN_UNKNOWN", "no run yet");

describe("the end of a Lightly run", () => {
  let stub: StubLightly;
  before(async () => {
    stub = await startStubLightly();
  });
  beforeEach(() => stub.reset());
  after(() => stub.close());

  const monitor = (o: Partial<MonitorRunOptions> = {}) =>
    monitorRun({
      client: stub.client,
      datasetId: DS,
      scheduledRunId: SCH,
      timeoutMs: 3_600_000,
      pollMs: 1000,
      signal: never(),
      ...o,
    });
  const read = () => readRun({ client: stub.client, datasetId: DS, scheduledRunId: SCH, signal: never() });

  it("is waited for from OPEN to COMPLETED, and each change is reported once with the elapsed time", async () => {
    stub.on(
      WORKERS_RUN,
      NO_RUN,
      NO_RUN,
      NO_RUN,
      json(run("STARTED")),
      json(run("STARTED")),
      json(run("LOADING_DATASET", "1/2")),
      json(run("LOADING_DATASET", "2/2")),
      json(run("COMPLETED", "done")),
    );
    stub.on(LIST, json([scheduled("OPEN")]), json([scheduled("OPEN")]), json([scheduled("LOCKED")]));
    const told: Array<[number, string, string | undefined]> = [];
    const report = await monitor({
      onState: ({ elapsedMs, state, message }) => told.push([elapsedMs, state, message]),
    });
    assert.deepEqual(report, { state: "COMPLETED", message: "done", workerRunId: RUN, endState: "COMPLETED" });
    assert.deepEqual(told, [
      [0, "OPEN", "waiting for a worker to take it"],
      [2000, "LOCKED", "a worker has taken it"],
      [2010, "STARTED", undefined],
      [2031, "LOADING_DATASET", "1/2"],
      [2041, "LOADING_DATASET", "2/2"],
      [2051, "COMPLETED", "done"],
    ]);
    assert.deepEqual(stub.to(LIST)[0]?.query.getAll("states"), ["OPEN", "LOCKED", "CANCELED", "DONE"]);
    assert.equal(stub.to(LIST).length, 3);
  });

  for (const endState of ["FAILED", "CRASHED", "ABORTED"] as const) {
    it(`is a result if it is ${endState}`, async () => {
      stub.on(WORKERS_RUN, json(run("EMBEDDING")), json(run(endState, "out of memory")));
      const expected = { state: endState, message: "out of memory", workerRunId: RUN, endState };
      assert.deepEqual(await monitor(), expected);
    });
  }

  it("is CANCELED if Lightly reports it", async () => {
    stub.on(WORKERS_RUN, NO_RUN);
    stub.on(LIST, json([scheduled("OPEN")]), json([scheduled("CANCELED")]));
    const report = await monitor();
    assert.deepEqual([report.state, report.endState, report.workerRunId], ["CANCELED", "CANCELED", undefined]);
  });

  for (const [status, code] of [
    [401, "LIGHTLY_UNAUTHORIZED"],
    [403, "LIGHTLY_ACCESS_DENIED"],
  ] as const) {
    it(`is an error, and not a cancellation, if reading the run returns ${status} for two minutes`, async () => {
      stub.on(WORKERS_RUN, json(run("STARTED")), refused(status, "X"));
      await assert.rejects(monitor({ pollMs: 20_000 }), {
        code,
        message: /This has lasted 2 min, for 7 consecutive checks\.$/,
      });
      assert.equal(stub.clock.now(), 120_010);
    });

    it(`is found if Lightly returns ${status} for less than two minutes`, async () => {
      const later = Array.from({ length: 6 }, () => refused(status, "X"));
      stub.on(WORKERS_RUN, json(run("STARTED")), ...later, json(run("EMBEDDING")), ...later, json(run("COMPLETED")));
      assert.equal((await monitor({ pollMs: 20_000 })).endState, "COMPLETED");
    });

    it(`is checked at least two more times at 30 s after ${status}, even with a poll interval of an hour`, async () => {
      stub.on(WORKERS_RUN, json(run("STARTED")), refused(status, "X"));
      await assert.rejects(monitor({ pollMs: 3_600_000, timeoutMs: 36_000_000 }), { code });
      assert.deepEqual(stub.clock.slept, [10, ...Array(4).fill(30_000)]);
    });

    it(`is an error, and not a cancellation, if the list returns ${status}`, async () => {
      stub.on(WORKERS_RUN, NO_RUN);
      stub.on(LIST, refused(status, "X"));
      await assert.rejects(monitor({ pollMs: 20_000 }), { code });
    });
  }

  it("is an error if Lightly reports only that there is no run", async () => {
    stub.on(WORKERS_RUN, refused(400, "MALFORMED_REQUEST"));
    await assert.rejects(monitor(), { code: "LIGHTLY_REQUEST_REFUSED", message: /MALFORMED_REQUEST/ });
    assert.equal(stub.to(LIST).length, 0);
  });

  it("is an error if the dataset was deleted in the meantime", async () => {
    stub.on(WORKERS_RUN, NO_RUN);
    stub.on(LIST, refused(404, "DATASET_UNKNOWN"));
    await assert.rejects(monitor(), { code: "LIGHTLY_DATASET_NOT_FOUND" });
  });

  it("is detected if the worker starts and ends between the two requests of one check", async () => {
    stub.on(WORKERS_RUN, NO_RUN, json(run("COMPLETED")));
    stub.on(LIST, json([scheduled("DONE")]));
    assert.equal((await monitor()).endState, "COMPLETED");
    assert.deepEqual(stub.clock.slept, []);
  });

  it("is ABORTED if Lightly has closed the scheduled run without a worker run for two minutes", async () => {
    stub.on(WORKERS_RUN, NO_RUN);
    stub.on(LIST, json([scheduled("DONE")]));
    const report = await monitor();
    assert.deepEqual([report.state, report.endState], ["DONE", "ABORTED"]);
    assert.equal(stub.clock.now(), 120_000);
  });

  it("is an error if Lightly does not list the scheduled run for two minutes", async () => {
    stub.on(WORKERS_RUN, NO_RUN);
    stub.on(LIST, json([]), json([scheduled("OPEN")]), json([]));
    await assert.rejects(monitor(), (error: PipelineError) => {
      assert.equal(error.code, "LIGHTLY_REQUEST_REFUSED");
      assert.ok(error.message.includes(SCH) && error.message.includes(DS));
      assert.match(error.message, /lasted 2 min, for 121 consecutive checks\.$/);
      return true;
    });
    assert.equal(stub.to(LIST).length, 123);
  });

  it("is found after all kinds of transient failures", async () => {
    const passing: Reply[] = ["reset", "cut off", refused(500, "X"), { status: 503, body: "<html>" }, { status: 408 }];
    stub.on(WORKERS_RUN, json(run("STARTED")), ...passing, json(run("COMPLETED")));
    assert.equal((await monitor()).endState, "COMPLETED");
    assert.equal(stub.to(WORKERS_RUN).length, 7);
    assert.deepEqual(stub.clock.slept, [10, ...Array(5).fill(1000)]);
  });

  it("is checked less often after 429, as long as Lightly requests", async () => {
    stub.on(
      WORKERS_RUN,
      refused(429, "X"),
      { status: 429, headers: { "retry-after": "25" } },
      json(run("STARTED")),
      json(run("COMPLETED")),
    );
    await monitor();
    assert.deepEqual(stub.clock.slept, [10_000, 25_000, 10]);
  });

  const nonsense: ReadonlyArray<readonly [string, Reply, string]> = [
    ["a web page", { status: 200, body: "<html>log in</html>" }, "LIGHTLY_RESPONSE_INVALID"],
    ["a web page of status 404", { status: 404, body: "<html>nothing</html>" }, "LIGHTLY_RESPONSE_INVALID"],
    ["JSON of another form", json({ ok: true }), "LIGHTLY_RESPONSE_INVALID"],
    ["nothing", { status: 200 }, "LIGHTLY_RESPONSE_INVALID"],
    ["a status that Lightly does not have", { status: 418 }, "LIGHTLY_REQUEST_REFUSED"],
    ["a redirect", { status: 302, headers: { location: "http://127.0.0.1:9/" } }, "LIGHTLY_RESPONSE_INVALID"],
  ];
  for (const [what, reply, code] of nonsense) {
    it(`is found after ${what} for some minutes, but not after ten`, async () => {
      stub.on(LIST, { status: 200, body: "<html>" });
      const minutes = Array.from({ length: 25 }, () => reply);
      stub.on(WORKERS_RUN, ...minutes, json(run("STARTED")), ...minutes, json(run("COMPLETED")));
      assert.equal((await monitor({ pollMs: 20_000 })).endState, "COMPLETED");
      stub.on(WORKERS_RUN, json(run("STARTED")), reply);
      const error = await monitor({ pollMs: 20_000 }).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof PipelineError);
      assert.equal(error.code, code);
      assert.match(error.message, /This has lasted 10 min, for 31 consecutive checks\.$/);
    });
  }

  it("is found after a refused token and unexpected responses, each within its own time limit", async () => {
    const troubles = Array.from({ length: 119 }, (_, at) => (at % 2 ? refused(401, "X") : { status: 200, body: "<" }));
    stub.on(WORKERS_RUN, ...troubles, json(run("STARTED")), json(run("COMPLETED")));
    assert.equal((await monitor()).endState, "COMPLETED");
  });

  it("is not checked after the limit of the whole wait, for any responses", async () => {
    stub.on(WORKERS_RUN, refused(401, "X"));
    await assert.rejects(monitor({ timeoutMs: 20_000 }), {
      code: "TIMED_OUT",
      message: /The last state was: unknown \(Lightly/,
    });
  });

  it("is waited for during an unknown state", async () => {
    stub.on(WORKERS_RUN, json({ ...run("DREAMING_OF_FRAMES"), message: null }), json(run("COMPLETED")));
    const told: LightlyRunReport[] = [];
    await monitor({ onState: (report) => told.push(report) });
    assert.deepEqual(
      told.map(({ state, message }) => [state, message]),
      [
        ["DREAMING_OF_FRAMES", undefined],
        ["COMPLETED", undefined],
      ],
    );
  });

  it("is not waited for longer than the limit, and the error contains the last state", async () => {
    stub.on(WORKERS_RUN, NO_RUN);
    stub.on(LIST, json([scheduled("OPEN")]));
    await assert.rejects(monitor({ timeoutMs: 10_000, pollMs: 4000 }), {
      code: "TIMED_OUT",
      message: `Waited 10 s for Lightly to finish the scheduled run ${SCH}. The last state was: OPEN (waiting for a worker to take it).`,
    });
    const { slept } = stub.clock;
    assert.deepEqual(slept, [4000, 4000, 2000]);
  });

  describe("after a restart", () => {
    const HOURS = 3 * 3_600_000;

    it("is waited for no longer than the limit, with the time before it", async () => {
      stub.on(WORKERS_RUN, NO_RUN);
      stub.on(LIST, json([scheduled("OPEN")]));
      await assert.rejects(monitor({ waitedMs: HOURS }), { code: "TIMED_OUT", message: /^Waited 3 h for Lightly/ });
      assert.deepEqual(stub.clock.slept, []);
    });

    it("is found if it has ended after the limit, also if the network is not up yet", async () => {
      const elapsed: number[] = [];
      stub.on(WORKERS_RUN, refused(503, "X"), refused(503, "X"), json(run("COMPLETED")));
      const report = await monitor({ waitedMs: HOURS, onState: ({ elapsedMs }) => elapsed.push(elapsedMs) });
      assert.equal(report.endState, "COMPLETED");
      assert.ok((elapsed[0] ?? 0) >= HOURS, String(elapsed));
    });
  });

  it("is checked soon after each change, and then at most at the poll interval", async () => {
    const count = 45;
    const alike = (state: string) => Array.from({ length: count }, () => json(run(state)));
    stub.on(WORKERS_RUN, ...alike("STARTED"), ...alike("EMBEDDING"), json(run("COMPLETED")));
    await monitor();
    const pauses = Array.from({ length: count }, (_, index) => eagerDelay(1000)(index + 1));
    assert.deepEqual(
      [0, 1, 2, 24, 44].map((index) => Math.round(pauses[index] ?? 0)),
      [10, 11, 12, 98, 1000],
    );
    assert.deepEqual(stub.clock.slept, [...pauses, ...pauses]);
  });

  it("is checked at the poll interval while no worker has the run, and soon after a wake-up", async () => {
    const wakeUp = new WakeUp();
    stub.on(WORKERS_RUN, NO_RUN, NO_RUN, NO_RUN, NO_RUN, NO_RUN, json(run("COMPLETED")));
    stub.on(LIST, json([scheduled("OPEN")]));
    stub.clock.alarm(2500, () => wakeUp.now());
    await monitor({ wakeUp });
    assert.deepEqual(stub.clock.slept.slice(0, 2), [1000, 1000]);
    assert.deepEqual(stub.clock.slept.slice(-2), [10, 11]);
  });

  it("is not waited for after an abort", async () => {
    const controller = new AbortController();
    stub.on(WORKERS_RUN, json(run("STARTED")), () => {
      controller.abort("another step failed");
      return json(run("EMBEDDING"));
    });
    await assert.rejects(monitor({ signal: controller.signal }), {
      code: "ABORTED",
      message: "Stopped: another step failed",
    });
  });

  it("is checked immediately after a wake-up, and soon again", async () => {
    const wakeUp = new WakeUp();
    const startedAt = stub.clock.now();
    stub.on(WORKERS_RUN, () => json(run(stub.clock.now() - startedAt < 3_600_500 ? "SAMPLING" : "COMPLETED")));
    stub.clock.alarm(3_600_000, () => wakeUp.now());
    assert.equal((await monitor({ wakeUp, timeoutMs: 7_200_000, pollMs: 30_000 })).endState, "COMPLETED");
    assert.ok(stub.clock.now() - startedAt < 3_600_700, `ended after ${stub.clock.now() - startedAt} ms`);
  });

  it("is checked every 30 s at most on Lightly's own server, for any poll interval", async () => {
    stub.on(WORKERS_RUN, json(run("STARTED")), json(run("EMBEDDING")), json(run("EMBEDDING")), json(run("COMPLETED")));
    await monitor({ client: { ...stub.client, server: LIGHTLY_PUBLIC_SERVER } });
    assert.deepEqual(stub.clock.slept, [30_000, 30_000, 30_000]);
  });

  describe("in one check", () => {
    for (const [state, end] of [
      ["OPEN", undefined],
      ["LOCKED", undefined],
      ["CANCELED", "CANCELED"],
      ["DONE", undefined],
    ] as const) {
      it(`of a scheduled run that is ${state}`, async () => {
        stub.on(WORKERS_RUN, NO_RUN);
        stub.on(LIST, json([scheduled(state)]));
        const report = await read();
        assert.deepEqual([report.state, report.endState], [state, end]);
      });
    }

    it("of an unknown run", async () => {
      stub.on(WORKERS_RUN, NO_RUN);
      stub.on(LIST, json([]));
      assert.deepEqual(await read(), { state: "MISSING", message: "Lightly does not know it" });
    });

    it("of a worker's run", async () => {
      stub.on(WORKERS_RUN, json(run("EMBEDDING", "3/4")));
      assert.deepEqual(await read(), { state: "EMBEDDING", message: "3/4", workerRunId: RUN });
      assert.equal(stub.seen.length, 1);
    });
  });
});
