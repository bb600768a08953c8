import assert from "node:assert/strict";
import type { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import type { ScheduleRunOptions } from "../../../../src/services/lightly/runs/schedule-run.ts";
import {
  CFG,
  created,
  DS,
  json,
  type Reply,
  refused,
  SCH,
  type StubLightly,
  scheduled,
  startStubLightly,
} from "../stub-lightly.ts";
import { CONFIG, LIST, SCHEDULE, scheduleWith } from "./schedule-requests.ts";

const SECOND = "65f0c1a2b3c4d5e6f7a8b911";
const OTHER_CONFIG = "65f0c1a2b3c4d5e6f7a8b922";

describe("scheduleRun without a response to its request", () => {
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

  const unanswered: Array<[string, Reply]> = [
    ["a reset", "reset"],
    ["a response that breaks off", "cut off"],
    ["500", refused(500, "X")],
    ["504 of a gateway", { status: 504, body: "<html>" }],
    ["408", { status: 408 }],
    ["200 instead of 201", json({ id: SCH })],
    ["malformed JSON", { status: 201, body: '{"id":' }],
    ["a response without an id", { status: 201, body: "{}" }],
  ];
  for (const [what, reply] of unanswered) {
    it(`finds the run by its configuration after ${what}, and does not schedule again`, async () => {
      stub.on(SCHEDULE, reply);
      stub.on(LIST, json([scheduled("DONE", { id: SECOND, configId: OTHER_CONFIG }), scheduled("OPEN")]));
      assert.deepEqual(await schedule(), { configId: CFG, scheduledRunId: SCH });
      assert.equal(stub.to(SCHEDULE).length, 1);
      assert.deepEqual(stub.to(LIST)[0]?.query.getAll("states"), ["OPEN", "LOCKED", "CANCELED", "DONE"]);
    });
  }

  it("finds a run that appears in the list later", async () => {
    stub.on(SCHEDULE, "reset");
    stub.on(LIST, json([]), refused(503, "X"), { status: 200, body: "<html>" }, json([scheduled("LOCKED")]));
    assert.equal((await schedule()).scheduledRunId, SCH);
    assert.equal(stub.to(SCHEDULE).length, 1);
    assert.deepEqual(stub.clock.slept, [1000, 2000, 4000]);
  });

  it("schedules a second time if the list contains no run for 15 s", async () => {
    stub.on(SCHEDULE, "reset", created(SCH));
    let looks = 0;
    stub.on(LIST, () => {
      looks += 1;
      return json(stub.to(SCHEDULE).length < 2 ? [scheduled("OPEN", { configId: OTHER_CONFIG })] : [scheduled("OPEN")]);
    });
    assert.deepEqual(await schedule(), { configId: CFG, scheduledRunId: SCH });
    assert.equal(stub.to(SCHEDULE).length, 2);
    assert.equal(stub.to(CONFIG).length, 1);
    assert.equal(stub.clock.now(), 15_000);
    assert.equal(looks, 6);
  });

  it("cancels one of two runs if the first request was processed later after all", async () => {
    stub.on(SCHEDULE, "reset", created(SECOND));
    stub.on(LIST, () =>
      json(
        stub.to(SCHEDULE).length < 2
          ? []
          : [scheduled("OPEN", { id: SECOND, createdAt: 2 }), scheduled("LOCKED", { id: SCH, createdAt: 3 })],
      ),
    );
    const cancel = `PUT /v1/datasets/${DS}/docker/worker/schedule/${SECOND}`;
    stub.on(cancel, { status: 204 });
    assert.equal((await schedule()).scheduledRunId, SCH);
    assert.equal(stub.to(cancel).length, 1);
  });

  it("fails after the second request, and reports that there is no run", async () => {
    stub.on(SCHEDULE, refused(500, "X"));
    stub.on(LIST, json([]));
    await assert.rejects(schedule(), (error: PipelineError) => {
      assert.equal(error.code, "LIGHTLY_SERVICE_FAILED");
      assert.equal(error.retryable, true);
      assert.equal(error.details.delivery, "refused");
      assert.match(error.message, new RegExp(`No run was scheduled on dataset ${DS}`));
      return true;
    });
    assert.equal(stub.to(SCHEDULE).length, 2);
  });

  for (const [what, list] of [
    ["refuses", refused(401, "UNAUTHORIZED")],
    ["fails", refused(500, "X")],
    ["answers nonsense", { status: 200, body: "<html>" }],
  ] satisfies Array<[string, Reply]>) {
    it(`reports uncertainty if the list ${what}, and never schedules again`, async () => {
      stub.on(SCHEDULE, "reset");
      stub.on(LIST, list);
      await assert.rejects(schedule(), (error: PipelineError) => {
        assert.equal(error.code, "LIGHTLY_SCHEDULE_UNCERTAIN");
        assert.equal(error.retryable, false);
        assert.deepEqual(error.details, { datasetId: DS, configId: CFG });
        return true;
      });
      assert.equal(stub.to(SCHEDULE).length, 1);
    });
  }

  it("reports uncertainty if the list could be read at the start but not at the end", async () => {
    stub.on(SCHEDULE, "reset");
    stub.on(LIST, json([]), refused(503, "X"));
    await assert.rejects(schedule(), { code: "LIGHTLY_SCHEDULE_UNCERTAIN" });
    assert.equal(stub.to(SCHEDULE).length, 1);
  });
});
