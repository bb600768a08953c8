import { deepEqual, equal } from "node:assert/strict";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import type { StepHandler } from "../../../../src/nodes/shared/step/step-handler.ts";
import { type StepResult, work } from "../../../../src/nodes/shared/step/step-work.ts";
import { RunRegistry } from "../../../../src/runs/run-registry.ts";
import type { Step } from "../../../../src/runs/steps/step.ts";
import { failure, select, upload } from "../../../runs/fake-flow.ts";
import { contextOf } from "../../support/step-context.ts";

describe("the work of a step", () => {
  const full = new PipelineError("JOURNAL_WRITE_FAILED", "The disk is full.");

  function worked(step: Step, handler: Omit<StepHandler, "role">): Promise<StepResult> {
    return work({ role: step.record.role, ...handler }, step, contextOf(step));
  }

  it("reports one failure of a run if two branches fail at the same time", async () => {
    const runs = new RunRegistry({ later: () => {} });
    // Both wait for the same write of the journal.
    const write = Promise.withResolvers<never>();
    const ends = [upload, select].map((node) => worked(runs.begin("r", node), { handle: () => write.promise }));
    write.reject(full);
    const outcomes = await Promise.all(ends);
    equal(outcomes.filter((outcome) => outcome instanceof PipelineError).length, 1);
    const record = runs.get("r");
    deepEqual(
      record?.steps.map(({ state }) => state),
      ["failed", "aborted"],
    );
    equal(record?.error?.code, "JOURNAL_WRITE_FAILED");
  });

  for (const [what, error, expected] of [
    ["undoes what an earlier attempt has started when the run can't be saved", full, 1],
    [
      "undoes what an earlier attempt has started when the step can't be resumed",
      new PipelineError("RESUME_IMPOSSIBLE", "The list was not saved."),
      1,
    ],
    ["leaves what an earlier attempt has started to the next one when anything else fails", failure, 0],
  ] as const) {
    it(what, async () => {
      const step = new RunRegistry({ later: () => {} }).begin("r", select);
      step.retrying(2, "the service was away");
      let undone = 0;
      const undo = async (): Promise<void> => {
        undone += 1;
      };
      const outcome = await worked(step, { handle: () => Promise.reject(error), undo });
      deepEqual([(outcome as PipelineError).code, undone], [error.code, expected]);
    });
  }
});
