import { deepEqual } from "node:assert/strict";
import { phaseSpans, phasesToCome } from "../../../../src/sidebar/parts/texts/phases.ts";
import { MINUTE, step } from "../../../records/a-run.ts";

const phases = [
  { name: "index", startedAt: MINUTE },
  { name: "export", startedAt: 3 * MINUTE },
];

describe("the phases of a step", () => {
  const spans = (...[from, to, more]: [number, number?, object?]) =>
    phaseSpans(step("lightly-studio-select", from, to, { phases, ...more }), 5 * MINUTE).map((span) => [
      span.name,
      span.from / MINUTE,
      span.to / MINUTE,
    ]);

  it("end with the next one, and the last one with the step", () => {
    deepEqual(spans(0, 4), [
      ["index", 1, 3],
      ["export", 3, 4],
    ]);
  });

  it("last until now while the step runs", () => {
    deepEqual(spans(0).at(-1), ["export", 3, 5]);
  });

  it("are never after the end of the step, even if a clock was set back", () => {
    deepEqual(spans(0, 2), [
      ["index", 1, 2],
      ["export", 2, 2],
    ]);
  });

  it("are none for a step that has reported none", () => {
    deepEqual(spans(0, 4, { phases: undefined }), []);
  });

  it("are followed by those that LightlyStudio still has to do, while it runs", () => {
    const running = (name: string) =>
      phasesToCome(step("lightly-studio-select", 0, undefined, { phases: [{ name, startedAt: 0 }] }));
    deepEqual(running("index"), ["select", "export", "save"]);
    deepEqual(running("install"), ["start", "index", "select", "export", "save"]);
    deepEqual(running("save"), []);
    deepEqual(phasesToCome(step("lightly-studio-select", 0, 4, { phases })), []);
    deepEqual(phasesToCome(step("lightly-run", 0, undefined, { phases })), []);
  });
});
