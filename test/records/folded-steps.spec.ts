import { deepEqual, equal } from "node:assert/strict";
import { foldedSteps, timelineSteps } from "../../src/records/folded-steps.ts";
import { summarize } from "../../src/records/run-summary.ts";
import { run, step } from "./a-run.ts";

const source = step("lightly-video-source", 0, 9, {
  sequence: {
    ...{ count: 3, maxFailures: 5, ended: 3 },
    failures: [{ index: 1, nodeId: "u", code: "SOURCE_EMPTY", message: "" }],
  },
});
const upload = (index: number, from: number, to: number | undefined, state: "completed" | "failed" | "running") =>
  step("lightly-s3-upload", from, to, {
    ...{ stepId: `r/upload/${index}`, nodeId: "u", state, item: { of: source.stepId, index } },
  });

describe("the steps of a run in a short view", () => {
  it("have one step for all items of a sequence in a node", () => {
    const steps = [source, upload(0, 1, 3, "completed"), upload(1, 2, 4, "failed"), upload(2, 3, 8, "completed")];
    const [first, folded, ...others] = foldedSteps(steps);
    deepEqual([first?.stepId, others], [source.stepId, []]);
    deepEqual(
      [folded?.stepId, folded?.startedAt, folded?.endedAt],
      ["r/upload/1", steps[1]?.startedAt, steps[3]?.endedAt],
    );
  });

  it("have no end while one of them is open", () => {
    const [, folded] = foldedSteps([source, upload(0, 1, 3, "completed"), upload(1, 2, undefined, "running")]);
    deepEqual([folded?.state, folded?.endedAt], ["running", undefined]);
  });

  it("are in a timeline with those that a retry has replaced, in the order of their starts", () => {
    const first = step("lightly-ec2-start", 1, 2, { stepId: "r/1", state: "failed", replacedBy: "r/2" });
    const again = step("lightly-ec2-start", 5, 6, { stepId: "r/2" });
    const between = step("lightly-ec2-stop", 3, 4, { stepId: "r/3" });
    deepEqual(
      timelineSteps([first, between, again]).map(({ stepId }) => stepId),
      ["r/1", "r/3", "r/2"],
    );
    const replaced = { ...upload(0, 1, 3, "failed"), replacedBy: "r/upload/1" };
    deepEqual(
      timelineSteps([source, replaced, upload(1, 4, 5, "completed")]).map(({ stepId }) => stepId),
      [source.stepId, "r/upload/1"],
    );
  });

  it("make a summary short, which still tells how many have failed", () => {
    const uploads = Array.from({ length: 1000 }, (_, index) =>
      upload(index, 1, 2, index === 7 ? "failed" : "completed"),
    );
    const summary = summarize(run([source, ...uploads]));
    deepEqual(summary.stepStates, ["completed", "failed"]);
    equal(summary.failedItems, 1);
  });
});
