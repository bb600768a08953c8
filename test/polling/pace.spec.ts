import { deepEqual, equal, ok } from "node:assert/strict";
import { Brake } from "../../src/polling/brake.ts";
import { Pace } from "../../src/polling/pace.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("Pace", () => {
  let clock: FakeClock;
  let pace: Pace;
  beforeEach(() => {
    clock = new FakeClock({ now: 0 });
    pace = new Pace(6000, new Brake(clock), clock);
  });

  /** When the next turns come, in milliseconds. */
  const turns = async (count: number): Promise<number[]> => {
    const times: number[] = [];
    for (let turn = 0; turn < count; turn += 1) {
      await pace.turn();
      times.push(clock.now());
    }
    return times;
  };

  it("does not delay sixty requests in a row, and then one request every third of the interval", async () => {
    const times = await turns(64);
    deepEqual(new Set(times.slice(0, 60)), new Set([0]));
    deepEqual(times.slice(60), [2000, 4000, 6000, 8000]);
  });

  it("never delays a wait that checks once per interval", async () => {
    for (let check = 0; check < 100; check += 1) {
      const dueAt = clock.now();
      await pace.turn();
      equal(clock.now(), dueAt);
      clock.advance(6000);
    }
  });

  it("allows a burst again after a pause, and never more than that", async () => {
    await turns(80);
    clock.advance(3_600_000);
    const now = clock.now();
    const times = await turns(61);
    equal(times.filter((time) => time === now).length, 60);
  });

  it("allows three requests per interval, no matter how many are waiting", async () => {
    await turns(1000);
    const minutes = clock.now() / 60_000;
    ok((1000 - 60) / minutes <= 30.1, `${1000 / minutes} per minute`);
  });

  it("grants turns in the order of the calls", async () => {
    const order: number[] = [];
    await Promise.all(Array.from({ length: 70 }, (_, index) => pace.turn().then(() => order.push(index))));
    deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
  });
});
