import { deepEqual, equal, ok } from "node:assert/strict";
import { layOut } from "../../../src/sidebar/gantt/gantt-layout.ts";
import { MINUTE, run, step } from "../../records/a-run.ts";

describe("the layout of a run's steps over time", () => {
  it("has a lane for each node in the order of their first steps, with all its steps", () => {
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

  const rowsOf = (steps: Parameters<typeof run>[0]): unknown =>
    layOut(run(steps), 0).lanes.map(({ rows, bars }) => [rows, bars.map(({ row }) => row)]);

  it("has two stops of one instance, by the flow's Catch and by its other branch, below each other", () => {
    deepEqual(rowsOf([step("select", 0, 10, { state: "aborted" }), step("stop", 9, 12), step("stop", 10, 12)]), [
      [1, [0]],
      [2, [0, 1]],
    ]);
  });

  it("has consecutive steps of a node in one row, however close", () => {
    deepEqual(rowsOf([step("upload", 0, 5), step("upload", 5, 10), step("upload", 10, 20)]), [[1, [0, 0, 0]]]);
  });

  it("has narrow bars that are next to each other below each other: the area of one to click would cover the other one", () => {
    const short = [step("upload", 0, 19.5), step("stop", 19.5, 19.75), step("stop", 19.75, 20)];
    deepEqual(rowsOf(short), [
      [1, [0]],
      [2, [0, 1]],
    ]);
  });

  it("marks steps that a retry has replaced, and the steps that followed them", () => {
    const { lanes } = layOut(
      run([
        step("start", 0, 1, { replacedBy: "r/start/3" }),
        step("worker", 1, 2, { parentStepId: "r/start/0", state: "failed" }),
        step("start", 3, 4),
        step("worker", 4, 5, { parentStepId: "r/start/3" }),
      ]),
      0,
    );
    deepEqual(
      lanes.map(({ name, bars }) => [name, bars.map(({ isReplaced }) => isReplaced)]),
      [
        ["start", [true, false]],
        ["worker", [true, false]],
      ],
    );
  });

  it("uses a row again once it is free", () => {
    deepEqual(rowsOf([step("upload", 0, 10), step("upload", 2, 20), step("upload", 4, 6), step("upload", 10, 15)]), [
      [3, [0, 1, 2, 0]],
    ]);
  });

  it("has no overlapping bars, not even those that are wider than their time", () => {
    const steps = Array.from({ length: 30 }, (_, index) =>
      step("upload", (index * 7) % 100, ((index * 7) % 100) + 0.1),
    );
    const { bars = [], rows = 0 } = layOut(run([...steps, step("upload", 0, 100)]), 0).lanes[0] ?? {};
    const covers = bars.flatMap((one, index) =>
      bars
        .slice(index + 1)
        .filter((other) => one.row === other.row)
        .filter(({ left, width }) => Math.min(one.left + one.width, left + width) - Math.max(one.left, left) > 1e-5),
    );
    deepEqual(covers, []);
    equal(Math.max(...bars.map(({ row }) => row)) + 1, rows);
  });

  it("ends the bar of a running step at the current time", () => {
    const working = run([step("download", 0, 1), step("upload", 1)]);
    equal(round(layOut(working, 2 * MINUTE).lanes[1]?.bars[0]?.width ?? 0), 0.5);
    equal(round(layOut(working, 10 * MINUTE).lanes[1]?.bars[0]?.width ?? 0), 0.9);
  });

  it("makes a bar without duration wide enough to be seen, and keeps it inside", () => {
    const { lanes } = layOut(run([step("long", 0, 100), step("short", 100, 100)]), 0);
    const { left = 0, width = 0 } = lanes[1]?.bars[0] ?? {};
    ok(width > 0.01);
    ok(left + width <= 1);
  });

  it("shortens the night before a retry to a gap", () => {
    const { lanes, gaps } = layOut(run([step("upload", 0, 10), step("upload", 700, 710)]), 0);
    equal(gaps.length, 1);
    equal(round(gaps[0] ?? 0), 0.5);
    const [first, second] = lanes[0]?.bars ?? [];
    ok((first?.width ?? 0) > 0.4 && (second?.width ?? 0) > 0.4);
    ok((second?.left ?? 0) > (first?.width ?? 1));
  });

  it("does not shorten a short pause", () => {
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

  it("divides a bar into the phases of its step, each from its own time on", () => {
    const phases = [
      { name: "index", startedAt: 5 * MINUTE },
      { name: "export", startedAt: 15 * MINUTE },
    ];
    const [bar] = layOut(run([step("select", 0, 20, { phases })]), 0).lanes[0]?.bars ?? [];
    deepEqual(
      bar?.phases.map(({ name, left, width, from, to }) => [name, round(left), round(width), (to - from) / MINUTE]),
      [
        ["index", 0.25, 0.5, 10],
        ["export", 0.75, 0.25, 5],
      ],
    );
  });

  it("has few marks for any duration", () => {
    for (const minutes of [0.001, 0.1, 3, 61, 3000, 50_000]) {
      const { marks } = layOut(run([step("select", 0, minutes)]), 0);
      ok(marks.length >= 1 && marks.length <= 6, `${marks.length} marks for ${minutes} minutes`);
    }
  });
});

function round(part: number): number {
  return Math.round(part * 100) / 100;
}
