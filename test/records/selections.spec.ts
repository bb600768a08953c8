import { deepEqual } from "node:assert/strict";
import type { StepRecord } from "../../src/records/run-record.ts";
import { selectionsOf } from "../../src/records/selections.ts";

const ids = { stepId: "r/1", nodeId: "n", name: "", startedAt: 0 };
const step = (more: Partial<StepRecord>): StepRecord => ({
  ...ids,
  type: "lightly-run",
  role: "select",
  state: "completed",
  ...more,
});
const place = { stepId: "r/1", nodeId: "n" };
const platform = step({
  result: { lightly: { datasetId: "d", workerRunId: "w", tag: { tagId: "t", name: "the tag", selectedCount: 4 } } },
});
const studio = step({
  type: "lightly-studio-select",
  checkpoint: { output: "s3://b/out", studioRunId: "s-1", commandId: "c" },
  result: {
    lightly: { engine: "studio", manifest: "s3://elsewhere/x/manifest.json", counts: { selected: 2, frames: 9 } },
  },
});
const PLATFORM = {
  engine: "platform",
  ...place,
  datasetId: "d",
  tagId: "t",
  tag: "the tag",
  workerRunId: "w",
  selected: 4,
};
const STUDIO = {
  engine: "studio",
  ...place,
  output: "s3://b/out",
  studioRunId: "s-1",
  counts: { selected: 2, frames: 9 },
  selected: 2,
};

describe("the selections of a run", () => {
  it("are those of its completed steps, of both engines", () => {
    deepEqual(selectionsOf({ steps: [platform, studio] }), [PLATFORM, STUDIO]);
  });

  it("of LightlyStudio are where the checkpoint says, whatever the result says", () => {
    const { checkpoint: _none, ...without } = studio;
    deepEqual(selectionsOf({ steps: [without] }), []);
  });

  it("leave out steps that have not completed, and those that a retry has replaced", () => {
    for (const more of [{ state: "failed" }, { state: "running" }, { replacedBy: "r/2" }] as const) {
      deepEqual(
        selectionsOf({
          steps: [
            { ...platform, ...more },
            { ...studio, ...more },
          ],
        }),
        [],
      );
    }
  });

  it("are those that it has read, if it has made none", () => {
    const read = step({
      type: "lightly-results",
      role: "results",
      result: { lightly: { selection: { datasetId: "d", tagId: "t", tag: "the tag", count: 4 } } },
    });
    const { workerRunId: _none, ...known } = PLATFORM;
    deepEqual(selectionsOf({ steps: [read] }), [known]);
    const readStudio = { ...read, checkpoint: { output: "s3://b/out", studioRunId: "s-1" } };
    deepEqual(
      selectionsOf({ steps: [{ ...readStudio, result: { lightly: { selection: { engine: "studio", count: 2 } } } }] }),
      [{ engine: "studio", ...place, output: "s3://b/out", studioRunId: "s-1", selected: 2 }],
    );
    deepEqual(selectionsOf({ steps: [read, studio] }), [STUDIO]);
  });

  it("are none where members have other types", () => {
    for (const lightly of [
      undefined,
      null,
      7,
      "x",
      { tag: null },
      { datasetId: 1, tag: { tagId: 2 } },
      { engine: "studio" },
    ]) {
      deepEqual(selectionsOf({ steps: [step({ result: { lightly } })] }), []);
    }
  });
});
