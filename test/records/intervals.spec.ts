import { deepEqual, equal } from "node:assert/strict";
import { sharedMs, totalMs, union } from "../../src/records/intervals.ts";

describe("time intervals", () => {
  const morning = { from: 0, to: 10 };
  const noon = { from: 8, to: 14 };
  const night = { from: 20, to: 24 };

  it("are joined if they overlap or touch, in any order", () => {
    deepEqual(union([night, noon, morning, { from: 14, to: 15 }]), [{ from: 0, to: 15 }, night]);
  });

  it("are ignored if they are empty or end before their start", () => {
    deepEqual(
      union([
        { from: 3, to: 3 },
        { from: 5, to: 2 },
      ]),
      [],
    );
  });

  it("count each moment once", () => equal(totalMs([morning, noon, night]), 18));

  it("have an intersection", () => {
    equal(sharedMs([morning, night], [noon, { from: 22, to: 30 }]), 4);
    equal(sharedMs([morning], []), 0);
  });
});
