import { deepEqual, equal } from "node:assert/strict";
import { Brake } from "../../src/polling/brake.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("Brake", () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock({ now: 0 });
  });
  const pauseOf = async (brake: Brake): Promise<number> => {
    const startedAt = clock.now();
    await brake.released();
    return clock.now() - startedAt;
  };

  it("does not delay anything before a request was refused", async () => {
    equal(await pauseOf(new Brake(clock)), 0);
  });

  it("doubles the pause with each refusal in a row, up to a minute", async () => {
    const brake = new Brake(clock, () => 0);
    const pauses: number[] = [];
    for (let refusal = 0; refusal < 8; refusal += 1) {
      brake.throttled();
      pauses.push(await pauseOf(brake));
    }
    deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it("counts refusals of requests that were in flight together once", async () => {
    const brake = new Brake(clock, () => 0);
    for (let request = 0; request < 50; request += 1) {
      brake.throttled();
    }
    equal(await pauseOf(brake), 1000);
    brake.throttled();
    equal(await pauseOf(brake), 2000);
  });

  it("starts over after a request was answered", async () => {
    const brake = new Brake(clock, () => 0);
    brake.throttled();
    await brake.released();
    brake.throttled();
    await brake.released();
    brake.succeeded();
    brake.throttled();
    equal(await pauseOf(brake), 1000);
  });

  it("does not start over because of a response to a request from before the refusal", async () => {
    const brake = new Brake(clock, () => 0);
    brake.throttled();
    brake.succeeded();
    await brake.released();
    brake.throttled();
    equal(await pauseOf(brake), 2000);
  });

  it("shortens each pause by a random part of up to a half, so that processes don't ask together", async () => {
    const brake = new Brake(clock, () => 1);
    brake.throttled();
    equal(await pauseOf(brake), 500);
  });

  it("waits for as long as the service asks for", async () => {
    const brake = new Brake(clock);
    brake.throttled(90_000);
    equal(await pauseOf(brake), 90_000);
  });

  it("holds waits that began before a further refusal", async () => {
    const brake = new Brake(clock, () => 0);
    brake.throttled(1000);
    const released = pauseOf(brake);
    clock.advance(1000);
    brake.throttled(5000);
    equal(await released, 6000);
  });
});
