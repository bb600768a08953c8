import assert from "node:assert/strict";
import type { ScheduleRunOptions } from "../../../../src/services/lightly/runs/schedule-run.ts";
import { workerConfig } from "../../../../src/services/lightly/workers/worker-config.ts";
import { manualClock } from "../../../support/fake-clock.ts";
import { CFG, created, json, refused, SCH, type StubLightly, scheduled, startStubLightly } from "../stub-lightly.ts";
import { CONFIG, LIST, SCHEDULE, scheduleWith } from "./schedule-requests.ts";

describe("scheduleRun", () => {
  let stub: StubLightly;
  before(async () => {
    stub = await startStubLightly();
  });
  beforeEach(() => {
    stub.reset();
    stub.on(CONFIG, created(CFG));
  });
  after(() => stub.close());

  const schedule = (options: Partial<ScheduleRunOptions> = {}) => scheduleWith(stub, options);

  it("sends the two requests of Lightly's own client", async () => {
    stub.on(SCHEDULE, created(SCH));
    assert.deepEqual(await schedule(), { configId: CFG, scheduledRunId: SCH });
    assert.deepEqual(
      stub.seen.map(({ text }) => text),
      [
        '{"version":"V4","creator":"USER_PIP","config":{"workerType":"FULL","selection":{"proportionSamples":0.1,"strategies":[{"input":{"type":"EMBEDDINGS"},"strategy":{"type":"DIVERSITY"}}],"autoTasks":[]}}}',
        `{"configId":"${CFG}","priority":"MID","runsOn":[],"creator":"USER_PIP"}`,
      ],
    );
  });

  it("sends worker settings, priority and labels", async () => {
    stub.on(SCHEDULE, created(SCH));
    const worker = workerConfig({ shutdownWhenJobFinished: true, useDatapool: false, extra: { lightly: { seed: 1 } } });
    await schedule({ worker, priority: "CRITICAL", runsOn: ["gpu", "eu"] });
    const { docker, lightly } = Object(Object(stub.to(CONFIG)[0]?.body).config);
    assert.deepEqual(docker, { shutdownWhenJobFinished: true, useDatapool: false });
    assert.deepEqual(lightly, { seed: 1 });
    assert.deepEqual(stub.to(SCHEDULE)[0]?.body, {
      configId: CFG,
      priority: "CRITICAL",
      runsOn: ["gpu", "eu"],
      creator: "USER_PIP",
    });
  });

  it("reports the configuration's id, and waits until it is saved, before it schedules", async () => {
    const order: string[] = [];
    stub.on(SCHEDULE, () => {
      order.push("scheduled");
      return created(SCH);
    });
    await schedule({
      onConfig: async (configId) => {
        await new Promise((noted) => setImmediate(noted));
        order.push(configId);
      },
    });
    assert.deepEqual(order, [CFG, "scheduled"]);
  });

  it("creates the configuration again after a transient failure, and still schedules once", async () => {
    stub.on(CONFIG, "reset", refused(502, "X"), created(CFG));
    stub.on(SCHEDULE, created(SCH));
    await schedule();
    assert.equal(stub.to(CONFIG).length, 3);
    assert.equal(stub.to(SCHEDULE).length, 1);
  });

  for (const [status, apiCode, code] of [
    [400, "DOCKER_WORKER_CONFIG_INVALID", "LIGHTLY_REQUEST_REFUSED"],
    [401, "UNAUTHORIZED", "LIGHTLY_UNAUTHORIZED"],
    [402, "ACCOUNT_SUBSCRIPTION_INSUFFICIENT", "LIGHTLY_ACCESS_DENIED"],
    [404, "DATASET_UNKNOWN", "LIGHTLY_DATASET_NOT_FOUND"],
    [422, "DOCKER_WORKER_CONFIG_REFERENCES_INVALID_FILES", "LIGHTLY_REQUEST_REFUSED"],
  ] as const) {
    it(`does not search for a run after ${status} ${apiCode}`, async () => {
      stub.on(SCHEDULE, refused(status, apiCode, "told why"));
      await assert.rejects(schedule(), { code, message: /told why/ });
      assert.deepEqual([stub.to(SCHEDULE).length, stub.to(LIST).length], [1, 0]);
    });
  }

  it("repeats a request that was never sent, without a search", async () => {
    stub.on(SCHEDULE, created(SCH));
    let broken = 2;
    const flaky: typeof fetch = (url, init) => {
      if (String(url).includes("/schedule") && broken-- > 0) {
        const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
        return Promise.reject(new TypeError("fetch failed", { cause }));
      }
      return fetch(url, init);
    };
    assert.equal((await schedule({ client: stub.connect({ fetch: flaky }) })).scheduledRunId, SCH);
    assert.deepEqual([stub.to(SCHEDULE).length, stub.to(LIST).length], [1, 0]);
  });

  describe("when it is aborted", () => {
    it("while the run is being scheduled, waits for the response, because a known run can be canceled", async () => {
      const controller = new AbortController();
      const clock = manualClock();
      stub.on(SCHEDULE, async () => {
        controller.abort("stop");
        await new Promise((done) => setImmediate(done));
        clock.advance(4999);
        return created(SCH);
      });
      const result = await schedule({ client: stub.connect({ clock }), signal: controller.signal });
      assert.equal(result.scheduledRunId, SCH);
    });

    it("does not wait for a response that does not come", async () => {
      const controller = new AbortController();
      stub.on(SCHEDULE, () => {
        controller.abort("stop");
        return "hang";
      });
      await assert.rejects(schedule({ signal: controller.signal }), { code: "ABORTED", message: "Stopped: stop" });
      assert.deepEqual(stub.clock.slept, [5000]);
    });

    it("between the two requests, schedules nothing", async () => {
      const controller = new AbortController();
      await assert.rejects(schedule({ signal: controller.signal, onConfig: () => controller.abort("stop") }), {
        code: "ABORTED",
      });
      assert.equal(stub.to(SCHEDULE).length, 0);
    });

    it("while it searches for a lost run, stops the search", async () => {
      const controller = new AbortController();
      stub.on(SCHEDULE, "reset");
      stub.on(LIST, () => {
        controller.abort("stop");
        return json([]);
      });
      await assert.rejects(schedule({ signal: controller.signal }), { code: "ABORTED" });
      assert.equal(stub.to(SCHEDULE).length, 1);
    });
  });

  describe("resumed with the configuration of an interrupted call", () => {
    it("uses the existing run", async () => {
      stub.on(LIST, json([scheduled("LOCKED")]));
      assert.deepEqual(await schedule({ configId: CFG }), { configId: CFG, scheduledRunId: SCH });
      assert.deepEqual([stub.to(CONFIG).length, stub.to(SCHEDULE).length], [0, 0]);
    });

    it("schedules the same configuration when there is none", async () => {
      stub.on(LIST, json([]));
      stub.on(SCHEDULE, created(SCH));
      assert.deepEqual(await schedule({ configId: CFG }), { configId: CFG, scheduledRunId: SCH });
      assert.deepEqual([stub.to(CONFIG).length, stub.to(SCHEDULE).length], [0, 1]);
    });
  });
});
