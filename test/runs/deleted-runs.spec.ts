import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { openFlow, upload, worker } from "./fake-flow.ts";

describe("a deleted run", () => {
  it("is gone, and listeners are told", async () => {
    const runs = new RunRegistry({ later: () => {} });
    openFlow(runs);
    runs.begin("r", upload, { message: { _msgid: "r" } }).complete({});
    const changed: string[] = [];
    runs.onChange((runId) => changed.push(runId));
    runs.delete("r");
    deepEqual(changed, ["r"]);
    equal(runs.get("r"), undefined);
    deepEqual(runs.summaries(), []);
    await rejects(() => runs.rerun("r", "new"), { code: "RUN_NOT_FOUND" });
  });

  it("must be over", () => {
    const runs = new RunRegistry({ later: () => {} });
    openFlow(runs);
    runs.begin("r", worker, { message: { _msgid: "r" } });
    throws(() => runs.delete("r"), { code: "RUN_NOT_DELETABLE" });
    throws(() => runs.delete("unknown"), { code: "RUN_NOT_FOUND" });
    equal(runs.get("r")?.state, "running");
  });
});

describe("the first step of a new run", () => {
  it("clears what the nodes of the run before it show, if that run is over", () => {
    const runs = new RunRegistry({ later: () => {} });
    const flow = openFlow(runs);
    const cleared: string[] = [];
    for (const [name, node] of Object.entries(flow)) {
      if (typeof node === "object" && node !== null) {
        Object.assign(node, { clearStatus: () => cleared.push(name) });
      }
    }
    const first = runs.begin("a", upload, { message: { _msgid: "a" } });
    first.complete({});
    const second = runs.begin("a", worker, { message: { _msgid: "a" }, parentStepId: first.record.stepId });
    deepEqual(cleared, []);
    runs.begin("b", upload, { message: { _msgid: "b" } }).complete({});
    deepEqual(cleared, [], "the other run is active");
    second.complete({});
    runs.begin("c", worker, { message: { _msgid: "c" } }).complete({});
    deepEqual(cleared, ["upload", "worker"]);
  });
});
