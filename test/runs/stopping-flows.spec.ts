import { deepEqual, equal } from "node:assert/strict";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { failure, openFlow, resumeAll, select, upload } from "./fake-flow.ts";

describe("a step that ends while flows are being stopped", () => {
  for (const end of ["complete", "fail"] as const) {
    it(`continues after the restart if it could not send: ${end}`, () => {
      const runs = new RunRegistry({ later: () => {} });
      const flow = openFlow(runs);
      const step = runs.begin("r", upload, { message: { payload: 1 } });
      runs.flowsStopping();
      equal(step.recordSend(end === "fail" ? "error" : 0, {}, [select.nodeId]), false, "the next node may be closed");
      if (end === "fail") {
        step.fail(failure);
      } else {
        step.complete({});
      }
      equal(step.record.state, "interrupted");
      equal(runs.get("r")?.error, undefined);
      deepEqual(resumeAll(runs), []);
      equal(flow.upload.resumed[0]?.recordSend(0, {}, [select.nodeId]), true);
    });
  }

  it("is completed if it has sent before", () => {
    const runs = new RunRegistry({ later: () => {} });
    const step = runs.begin("r", upload);
    step.recordSend(0, {}, []);
    runs.flowsStopping();
    equal(step.recordSend(0, {}, []), false);
    step.complete({});
    equal(step.record.state, "completed");
  });
});
