import { deepEqual, equal, ok } from "node:assert/strict";
import { layOut } from "../../src/sidebar/gantt-layout.ts";
import { MINUTE, run, step } from "./a-run.ts";

describe("the layout of a run's steps over time", () => {
  it("has a lane for each node in the order of their first steps, and each step in its place", () => {
    const { lanes } = layOut(
      run([
        step("download", 0, 5),
        step("select", 0, 20, { state: "failed" }),
        step("upload", 5, 10),
        step("select", 10, 20),
      ]),
      0,
    );
    deepEqual(
      lanes.map(({ name, bars }) => [name, bars.map(({ left, width }) => [round(left), round(width)])]),
      [
        ["download", [[0, 0.25]]],
        [
          "select",
          [
            [0, 1],
            [0.5, 0.5],
          ],
        ],
        ["upload", [[0.25, 0.25]]],
      ],
    );
  });

  it("lets the bar of a step that works reach to now", () => {
    const working = run([step("download", 0, 1), step("upload", 1)]);
    equal(round(layOut(working, 2 * MINUTE).lanes[1]?.bars[0]?.width ?? 0), 0.5);
    equal(round(layOut(working, 10 * MINUTE).lanes[1]?.bars[0]?.width ?? 0), 0.9);
  });

  it("keeps a bar that takes no time wide enough to be seen, and inside", () => {
    const { lanes } = layOut(run([step("long", 0, 100), step("short", 100, 100)]), 0);
    const { left = 0, width = 0 } = lanes[1]?.bars[0] ?? {};
    ok(width > 0.01);
    ok(left + width <= 1);
  });

  it("draws the night before a retry as a gap", () => {
    const { lanes, gaps } = layOut(run([step("upload", 0, 10), step("upload", 700, 710)]), 0);
    equal(gaps.length, 1);
    equal(round(gaps[0] ?? 0), 0.5);
    const [first, second] = lanes[0]?.bars ?? [];
    ok((first?.width ?? 0) > 0.4 && (second?.width ?? 0) > 0.4);
    ok((second?.left ?? 0) > (first?.width ?? 1));
  });

  it("draws a short pause as what it is", () => {
    deepEqual(layOut(run([step("upload", 0, 10), step("upload", 12, 20)]), 0).gaps, []);
  });

  it("marks round times", () => {
    const { marks } = layOut(run([step("upload", 0, 20)]), 0);
    deepEqual(
      marks.map(({ elapsedMs, at }) => [elapsedMs / MINUTE, round(at)]),
      [
        [0, 0],
        [5, 0.25],
        [10, 0.5],
        [15, 0.75],
        [20, 1],
      ],
    );
  });

  it("has few marks, however long a run takes", () => {
    for (const minutes of [0.001, 0.1, 3, 61, 3000, 50_000]) {
      const { marks } = layOut(run([step("select", 0, minutes)]), 0);
      ok(marks.length >= 1 && marks.length <= 6, `${marks.length} marks for ${minutes} minutes`);
    }
  });
});

function round(part: number): number {
  return Math.round(part * 100) / 100;
}
