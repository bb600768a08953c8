import { equal } from "node:assert/strict";
import { type Host, setHost } from "../../../../src/sidebar/host/host.ts";
import { formatDuration } from "../../../../src/sidebar/parts/texts/duration.ts";

describe("a duration in the Runs panel", () => {
  before(() => setHost({ language: "en-US" } as Host));

  for (const [ms, shown] of [
    [0, "0.0\u00a0s"],
    [-5, "0.0\u00a0s"],
    [420, "0.4\u00a0s"],
    [9_940, "9.9\u00a0s"],
    [9_960, "10\u00a0s"],
    [59_400, "59\u00a0s"],
    [59_600, "1:00"],
    [187_000, "3:07"],
    [3_753_000, "1:02:33"],
    [176_400_000, "49:00:00"],
  ] as const) {
    it(`of ${ms} ms is ${shown}`, () => equal(formatDuration(ms), shown));
  }
});
