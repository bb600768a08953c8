import assert from "node:assert/strict";
import type { LightlyClient } from "../../../../src/services/lightly/client/lightly-client.ts";
import { monitorRun } from "../../../../src/services/lightly/runs/monitor-run.ts";
import { type FakeClock, manualClock } from "../../../support/fake-clock.ts";
import { passTime } from "../../../support/pass-time.ts";
import { CFG, json, RUN, refused, type StubLightly, startStubLightly } from "../stub-lightly.ts";

const COUNT = 100;
const hex = (prefix: string, index: number): string => `${prefix}${String(index).padStart(24 - prefix.length, "0")}`;
const refs = Array.from({ length: COUNT }, (_, index) => ({
  datasetId: hex("d", index),
  scheduledRunId: hex("a", index),
}));
const RUNS = "GET /v1/docker/runs";
const OPEN = "GET /v1/docker/worker/schedule";
const ofRun = (ref: (typeof refs)[number]): string => `GET /v1/docker/runs/schedule/${ref.scheduledRunId}`;
const ofDataset = (ref: (typeof refs)[number]): string => `GET /v1/datasets/${ref.datasetId}/docker/worker/schedule`;

describe("the end of many Lightly runs", () => {
  let stub: StubLightly;
  let states: Map<string, string>;
  let clock: FakeClock;
  let client: LightlyClient;
  before(async () => {
    stub = await startStubLightly();
  });
  beforeEach(() => {
    stub.reset();
    clock = manualClock();
    client = stub.connect({ clock });
    states = new Map(refs.map(({ scheduledRunId }) => [scheduledRunId, "OPEN"]));
    stub.on(RUNS, () => json([...states].filter(isTaken).map(workerRun)));
    stub.on(OPEN, () => json([...states].filter((entry) => !isTaken(entry)).map(scheduledRun)));
  });
  after(() => stub.close());

  const isTaken = ([, state]: readonly [string, string]): boolean => state !== "OPEN";
  const workerRun = ([scheduledId, state]: readonly [string, string]) => ({ id: RUN, state, scheduledId });
  const scheduledRun = ([id]: readonly [string, string]) => ({ id, configId: CFG, state: "OPEN" });
  const monitor = (ref: (typeof refs)[number], signal = new AbortController().signal) =>
    monitorRun({ client, ...ref, timeoutMs: 36_000_000, pollMs: 5000, signal });

  it("is read from two lists, with three requests per interval at most", async () => {
    const abort = new AbortController();
    const waits = Promise.allSettled(refs.map((ref) => monitor(ref, abort.signal)));
    await passTime(clock, 1250, () => stub.seen.length >= 60);
    const [startedAt, before] = [clock.now(), stub.seen.length];
    await passTime(clock, 1250, () => clock.now() >= startedAt + 100_000);
    const perInterval = (stub.seen.length - before) / ((clock.now() - startedAt) / 5000);
    abort.abort();
    await waits;
    assert.ok(perInterval > 1 && perInterval <= 3.1, `${perInterval} requests per interval`);
    assert.equal(stub.to(RUNS).length + stub.to(OPEN).length, stub.seen.length);
    assert.equal(stub.to(OPEN)[0]?.query.get("includeUnlockableRuns"), "true");
  });

  it("is found for each of them", async () => {
    const ends = Promise.all(refs.map((ref) => monitor(ref)));
    await passTime(clock, 1250, () => stub.seen.length >= 20);
    for (const { scheduledRunId } of refs) {
      states.set(scheduledRunId, "COMPLETED");
    }
    await passTime(clock, 1250, ends);
    assert.deepEqual(new Set((await ends).map(({ endState }) => endState)), new Set(["COMPLETED"]));
  });

  it("is read from the run itself if it is in no list", async () => {
    const [canceled, ...others] = refs as [(typeof refs)[number], ...typeof refs];
    states.delete(canceled.scheduledRunId);
    stub.on(ofRun(canceled), refused(404, "DOCKER_RUN_UNKNOWN"));
    stub.on(ofDataset(canceled), json([{ id: canceled.scheduledRunId, configId: CFG, state: "CANCELED" }]));
    const abort = new AbortController();
    const waits = Promise.allSettled(others.map((ref) => monitor(ref, abort.signal)));
    const end = monitor(canceled);
    await passTime(clock, 1250, end);
    assert.equal((await end).endState, "CANCELED");
    abort.abort();
    await waits;
  });

  it("is read from each run by itself, at the same rate, if Lightly refuses the lists", async () => {
    stub.on(RUNS, refused(403, "X"));
    stub.on(OPEN, refused(404, "X"));
    for (const ref of refs) {
      stub.on(ofRun(ref), json({ id: RUN, state: "FAILED" }));
    }
    const startedAt = clock.now();
    const ends = Promise.all(refs.map((ref) => monitor(ref)));
    await passTime(clock, 1250, ends);
    assert.deepEqual(new Set((await ends).map(({ endState }) => endState)), new Set(["FAILED"]));
    assert.ok(clock.now() - startedAt >= (COUNT - 60) * 1250);
  });

  it("is waited for while Lightly limits the request rate, with one request per pause for all of them", async () => {
    const limitedUntil = clock.now() + 120_000;
    stub.on(RUNS, () => (clock.now() < limitedUntil ? refused(429, "RATE") : json([...states].map(workerRun))));
    for (const { scheduledRunId } of refs) {
      states.set(scheduledRunId, "COMPLETED");
    }
    const ends = Promise.all(refs.map((ref) => monitor(ref)));
    await passTime(clock, 500, ends);
    await ends;
    // The pauses of a limited client are 10 s and more.
    assert.ok(stub.seen.length <= 14, `${stub.seen.length} requests`);
  });
});
