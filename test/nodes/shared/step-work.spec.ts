import { deepEqual, equal } from "node:assert/strict";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import type { StepContext, StepNodeOptions } from "../../../src/nodes/shared/step-options.ts";
import { type Outcome, work } from "../../../src/nodes/shared/step-work.ts";
import { RunRegistry } from "../../../src/runs/run-registry.ts";
import type { Step } from "../../../src/runs/steps/step.ts";
import { failure, select, upload } from "../../runs/fake-flow.ts";

describe("the work of a step", () => {
  const full = new PipelineError("JOURNAL_WRITE_FAILED", "The disk is full.");

  function worked(step: Step, options: StepNodeOptions): Promise<Outcome> {
    const status = { show: () => {}, showText: () => {} };
    const context = { step, status, handOnError: () => {} } as unknown as StepContext;
    return work(options, {} as never, context);
  }

  it("gives one failure of a run when two branches fail in the same moment", async () => {
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
    ["takes back what an earlier try has begun when the disk does not take that the step goes on", full, 1],
    ["leaves what an earlier try has begun to the next one when anything else fails", failure, 0],
  ] as const) {
    it(what, async () => {
      const step = new RunRegistry({ later: () => {} }).begin("r", select);
      step.retrying(2, "the service was away");
      let takenBack = 0;
      const takeBack = async (): Promise<void> => {
        takenBack += 1;
      };
      const outcome = await worked(step, { handle: () => Promise.reject(error), takeBack });
      deepEqual([(outcome as PipelineError).code, takenBack], [error.code, expected]);
    });
  }
});
