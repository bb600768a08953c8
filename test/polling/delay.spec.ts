import assert from "node:assert/strict";
import { alignedDelay, eagerDelay, fixedDelay, growingDelay } from "../../src/polling/delay.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("delays", () => {
  it("are constant", () => {
    assert.deepEqual([1, 2, 9].map(fixedDelay(50)), [50, 50, 50]);
  });

  it("grow by a factor up to a limit, even after many attempts", () => {
    const delay = growingDelay({ firstMs: 100, limitMs: 1000, factor: 3 });
    assert.deepEqual([1, 2, 3, 4, 5000].map(delay), [100, 300, 900, 1000, 1000]);
  });

  it("vary by their random fraction", () => {
    const least = growingDelay({ firstMs: 100, limitMs: 1000, jitter: 0.5, random: () => 1 });
    const most = growingDelay({ firstMs: 100, limitMs: 1000, jitter: 0.5, random: () => 0 });
    assert.deepEqual([least(1), most(1), least(9), most(9)], [50, 100, 500, 1000]);
  });

  it("grow from 10 ms up to a limit if the goal may be met soon, by a tenth in the first second, and then by a fifth", () => {
    assert.deepEqual(
      [1, 2, 3, 24, 25, 26, 27, 5000].map(eagerDelay(5000)).map(Math.round),
      [10, 11, 12, 90, 98, 118, 142, 5000],
    );
    assert.deepEqual([1, 2, 3].map(eagerDelay(11)), [10, 11, 11]);
  });

  it("are aligned to one grid, independent of their start, including the finer grid of short delays", () => {
    for (const startsAt of [0, 1, 4, 5, 9, 19, 20, 21, 39, 2500, 4999, 123_456]) {
      const clock = new FakeClock({ now: startsAt });
      const delay = alignedDelay(5000, clock);
      for (const [index, step] of [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5000].entries()) {
        const ms = delay(index + 1);
        assert.ok(ms >= step / 2 && ms <= 1.5 * step, `${ms} for ${step}`);
        clock.advance(ms);
        assert.equal(clock.now() % step, 0);
      }
      assert.deepEqual([12, 13, 5000].map(delay), [5000, 5000, 5000]);
    }
  });

  it("are at least a millisecond on a grid", () => {
    assert.ok(alignedDelay(0)(1) > 0);
  });
});
