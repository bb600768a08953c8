import { deepEqual, equal } from "node:assert/strict";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import { FakeNode, openFlow, resumeAll, select, upload } from "./fake-flow.ts";

/** Closes a node with its steps. */
function close(step: Step, cause: "closed" | "removed"): void {
  step.abort(cause, "the node closed.");
  step.drop();
}

describe("a node that is redeployed while it is running", () => {
  it("continues with the same message and its secrets, because this process still has them", () => {
    const runs = new RunRegistry();
    openFlow(runs);
    const step = runs.begin("r", select, { message: { payload: 1, token: "hidden" } });
    void step.saveCheckpoint({ id: 5 });
    close(step, "closed");
    equal(runs.get("r")?.state, "interrupted");
    const { select: successor } = openFlow(runs);
    deepEqual(resumeAll(runs), []);
    deepEqual(successor.messages, [{ payload: 1, token: "hidden" }]);
    deepEqual(successor.resumed[0]?.received.missing, []);
    deepEqual(successor.resumed[0]?.checkpoint, { id: 5 });
    equal(runs.get("r")?.state, "running");
  });

  it("ignores its earlier instance, which can't change anything", () => {
    const runs = new RunRegistry();
    openFlow(runs);
    const step = runs.begin("r", select);
    close(step, "closed");
    openFlow(runs);
    resumeAll(runs);
    step.complete({ lightly: {} });
    equal(step.recordSend(0, {}, []), false);
    equal(runs.get("r")?.steps[0]?.state, "running");
    equal(runs.get("r")?.steps[0]?.result, undefined);
  });

  it("does not affect steps of other nodes", () => {
    const runs = new RunRegistry();
    const flow = openFlow(runs);
    const working = runs.begin("r", upload);
    close(runs.begin("r", select), "closed");
    resumeAll(runs);
    equal(working.signal.aborted, false);
    equal(flow.upload.resumed.length, 0);
    equal(flow.select.resumed.length, 1);
  });

  it("is replaced by its successor in any order of close and start", () => {
    const runs = new RunRegistry();
    const [old, successor] = [new FakeNode(select.type), new FakeNode(select.type)];
    runs.nodes.register("n4", old);
    runs.nodes.register("n4", successor);
    runs.nodes.unregister("n4", old);
    equal(runs.nodes.has("n4"), true);
    close(runs.begin("r", select), "closed");
    resumeAll(runs);
    equal(successor.resumed.length, 1);
    runs.nodes.unregister("n4", successor);
    equal(runs.nodes.has("n4"), false);
  });
});
