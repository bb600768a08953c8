import { equal, ok, rejects } from "node:assert/strict";
import { mock } from "node:test";
import { systemClock } from "../../src/polling/clock.ts";

const DAY_MS = 24 * 60 * 60_000;

describe("the system clock", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
  afterEach(() => mock.timers.reset());

  it("sleeps longer than the longest timer of Node.js, which is 24.8 days", async () => {
    let isAwake = false;
    const slept = systemClock.sleep(60 * DAY_MS, new AbortController().signal).then(() => {
      isAwake = true;
    });
    for (let day = 1; day < 60; day += 1) {
      mock.timers.tick(DAY_MS);
      await Promise.resolve();
      equal(isAwake, false, `day ${day}`);
    }
    // The parts of the sleep begin with a tick, so that each is up to a day late here.
    mock.timers.tick(3 * DAY_MS);
    await slept;
    ok(isAwake);
  });

  it("ends a sleep with the reason of the abort, at once or before it begins", async () => {
    const controller = new AbortController();
    const slept = systemClock.sleep(1000, controller.signal);
    controller.abort("enough");
    await rejects(slept, (reason) => reason === "enough");
    await rejects(systemClock.sleep(1000, controller.signal), (reason) => reason === "enough");
  });

  it("does not ring a canceled alarm, nor one that is infinitely far", () => {
    let rings = 0;
    const cancel = systemClock.alarm(1000, () => {
      rings += 1;
    });
    systemClock.alarm(Number.POSITIVE_INFINITY, () => {
      rings += 1;
    });
    cancel();
    mock.timers.tick(60 * DAY_MS);
    equal(rings, 0);
  });
});
