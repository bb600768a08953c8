import { deepEqual, equal, rejects } from "node:assert/strict";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { type FakeFlow, failure, openFlow, select, start, upload, worker } from "./fake-flow.ts";

describe("a rerun", () => {
  let runs: RunRegistry;
  let flow: FakeFlow;

  beforeEach(() => {
    runs = new RunRegistry({ later: () => {} });
    flow = openFlow(runs);
  });

  it("starts a new run with the first messages of both branches", async () => {
    const first = runs.begin("r", upload, { message: { _msgid: "r", payload: 1 } });
    runs.begin("r", select, { message: { _msgid: "r", payload: 2 } }).complete({});
    first.complete({});
    runs.begin("r", start, { message: { _msgid: "r", payload: 3 }, parentStepId: first.record.stepId }).complete({});
    const record = await runs.rerun("r", "new");
    equal(record.runId, "new");
    equal(record.state, "running");
    deepEqual(flow.upload.messages, [{ _msgid: "new", payload: 1 }]);
    deepEqual(flow.select.messages, [{ _msgid: "new", payload: 2 }]);
    deepEqual(flow.start.messages, []);
    equal(flow.upload.resumed[0]?.runId, "new");
    equal(runs.get("r")?.state, "completed", "the old one stays as it was");
  });

  it("has the new id in the message even if the flow had set the run's id", async () => {
    runs.begin("r", upload, { message: { _msgid: "m", runId: "r" } }).complete({});
    await runs.rerun("r", "new");
    deepEqual(flow.upload.messages, [{ _msgid: "new", runId: "new" }]);
  });

  it("starts a retried step once", async () => {
    runs.begin("r", upload, { message: { _msgid: "r" } }).fail(failure);
    await runs.retry("r");
    flow.upload.resumed[0]?.complete({});
    await runs.rerun("r", "new");
    equal(runs.get("new")?.steps.length, 1);
  });

  it("is possible for an active run", async () => {
    runs.begin("r", worker, { message: { _msgid: "r" } });
    await runs.rerun("r", "new");
    equal(runs.get("r")?.state, "running");
    equal(runs.get("new")?.state, "running");
  });

  it("requires the run, its nodes and its messages", async () => {
    await rejects(() => runs.rerun("unknown", "new"), { code: "RUN_NOT_FOUND" });
    runs.begin("no message", upload).complete({});
    await rejects(() => runs.rerun("no message", "new"), { code: "RUN_NOT_RETRYABLE" });
    runs.begin("r", upload, { message: {} }).complete({});
    runs.begin("r", select, { message: {} }).complete({});
    runs.nodes.unregister(select.nodeId, flow.select);
    await rejects(() => runs.rerun("r", "new"), { code: "RUN_NOT_RETRYABLE", message: /"select"/ });
    equal(runs.get("new"), undefined, "nothing is started partially");
  });
});
