import { deepEqual, equal } from "node:assert/strict";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import { failure, openFlow, start, upload } from "./fake-flow.ts";

/** The messages of a split node. */
const part = (index: number) => ({ runId: "r", payload: `clip-${index}`, parts: { id: "s", index, count: 3 } });

describe("a run with a sequence of messages", () => {
  const uploads = (runs: RunRegistry): Step[] =>
    [0, 1, 2].map((index) => {
      const step = runs.begin("r", upload, { message: part(index) });
      step.recordSend(0, part(index), [start.nodeId]);
      step.complete({});
      return step;
    });

  it("is over when the joined message was received and processed", () => {
    const runs = new RunRegistry({ later: () => {} });
    const last = uploads(runs).at(-1);
    equal(runs.get("r")?.state, "running");
    runs
      .begin("r", start, { parentStepId: last?.record.stepId, message: { runId: "r", payload: ["all"] } })
      .complete({});
    equal(runs.get("r")?.state, "completed");
  });

  it("waits for each unjoined message", () => {
    const runs = new RunRegistry({ later: () => {} });
    const [first] = uploads(runs);
    runs.begin("r", start, { parentStepId: first?.record.stepId, message: part(0) }).complete({});
    equal(runs.get("r")?.state, "running");
  });

  it("does not wait for a join after a failure", async () => {
    const runs = new RunRegistry({ later: () => {} });
    openFlow(runs);
    const joining = runs.begin("r", upload, { message: part(0) });
    joining.recordSend(0, part(0), [start.nodeId]);
    joining.complete({});
    runs.begin("r", upload, { message: part(1) }).fail(failure);
    deepEqual(joining.outbox.pending, []);
    await runs.retry("r");
    equal(runs.get("r")?.state, "running");
  });

  it("starts with all of its messages when it is rerun", async () => {
    const runs = new RunRegistry({ later: () => {} });
    const flow = openFlow(runs);
    uploads(runs);
    await runs.rerun("r", "rerun");
    deepEqual(
      flow.upload.messages.map((message) => (message as { payload: string }).payload),
      ["clip-0", "clip-1", "clip-2"],
    );
  });
});
