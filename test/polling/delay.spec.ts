import assert from "node:assert/strict";
import { alignedDelay, fixedDelay, growingDelay } from "../../src/polling/delay.ts";

describe("delays", () => {
  it("stay the same", () => {
    assert.deepEqual([1, 2, 9].map(fixedDelay(50)), [50, 50, 50]);
  });

  it("grow by a factor up to a limit, also after very many attempts", () => {
    const delay = growingDelay({ firstMs: 100, limitMs: 1000, factor: 3 });
    assert.deepEqual([1, 2, 3, 4, 5000].map(delay), [100, 300, 900, 1000, 1000]);
  });

  it("spread by the part that is random", () => {
    const least = growingDelay({ firstMs: 100, limitMs: 1000, jitter: 0.5, random: () => 1 });
    const most = growingDelay({ firstMs: 100, limitMs: 1000, jitter: 0.5, random: () => 0 });
    assert.deepEqual([least(1), most(1), least(9), most(9)], [50, 100, 500, 1000]);
  });

  it("meet on one grid, however late they begin", () => {
    for (const startsAt of [0, 1, 2499, 2500, 2501, 4999, 123_456]) {
      let now = startsAt;
      const delay = alignedDelay(5000, { now: () => now, sleep: async () => {} });
      const first = delay(1);
      assert.ok(first >= 2500 && first <= 7500, String(first));
      now += first;
      assert.equal(now % 5000, 0);
      assert.equal(delay(2), 5000);
    }
  });

  it("are at least a millisecond on a grid", () => {
    assert.ok(alignedDelay(0)(1) > 0);
  });
});
